//! An owner signs in from a new device while an attacker polls from many networks to take every turn at the owner's
//! name. `docs/threat-model.md` has the figures.
//!
//! The attacker tries from each network every second and always precedes the owner within a second. The owner retries
//! when the response says so.

use std::time::Duration;

use gatecrumb_domain::Timestamp;

use super::{
    model::{START, Table},
    stranger,
};

const DAY: u64 = 86_400;
const OWNER: u32 = 0xffff_0000;

/// How many seconds after noon, when the owner begins, the owner's attempt is granted; `None` if not within three days.
fn siege(attackers: u32, owner: u32) -> Option<u64> {
    let mut table = Table::new();
    let mut next: Vec<(Timestamp, u32)> = (1..=attackers).map(|from| (START, from)).collect();
    let mut owner_next = START + Duration::from_secs(DAY / 2);
    for second in 0..3 * DAY {
        let now = START + Duration::from_secs(second);
        for (at, from) in &mut next {
            // An attempt before the wait is over changes nothing, so the model skips it. A turn taken by another
            // network only extends the wait.
            while *at <= now {
                match table.try_stranger(&stranger("ada", *from), now, false) {
                    Ok(()) => {}
                    Err(wait) => *at = now + Duration::from_secs(wait.into()),
                }
            }
            // All counters start again at midnight.
            *at = (*at).min(START + Duration::from_secs((second / DAY + 1) * DAY));
        }
        if now >= owner_next {
            match table.try_stranger(&stranger("ada", OWNER + owner), now, true) {
                Ok(()) => return Some(second - DAY / 2),
                Err(wait) => owner_next = now + Duration::from_secs(wait.into()),
            }
        }
    }
    None
}

/// The mean wait in minutes of `count` owners, and the percentage of them that waited for at most an hour. An owner who
/// is not granted an attempt within three days counts as three days.
fn owners(attackers: u32, count: u32) -> (u64, u32) {
    let waits: Vec<u64> = (0..count)
        .map(|owner| siege(attackers, owner).unwrap_or(3 * DAY))
        .collect();
    let mean = waits.iter().sum::<u64>() / u64::from(count) / 60;
    let soon = waits.iter().filter(|wait| **wait <= 3600).count();
    (mean, u32::try_from(soon).unwrap() * 100 / count)
}

#[test]
fn networks_without_free_failures_delay_an_owner_for_at_most_half_an_hour() {
    // By noon, so few networks have used their free failures.
    for attackers in [1, 10, 22, 26] {
        for owner in 0..10 {
            let waited = siege(attackers, owner).unwrap();
            assert!(waited <= 1800, "{attackers} attackers: {waited} s");
        }
    }
}

/// With more networks, an owner is granted an attempt after drawing a shorter wait than every network that has free
/// failures left. The chance equals that of each of those networks: the more there are, the smaller it is, but never
/// zero.
#[test]
fn networks_with_free_failures_delay_an_owner_for_longer() {
    let few = owners(40, 12);
    assert!((60..400).contains(&few.0) && few.1 > 0, "{few:?}");
    let many = owners(100, 12);
    assert!((400..2000).contains(&many.0), "{many:?}");
}
