//! An owner at a new device while an attacker polls from many networks to take every turn at the owner's name. The
//! figures are those of `docs/threat-model.md`.
//!
//! The attacker asks from each network in each second, and of two that come in one second always comes first. The
//! owner comes back when told to.

use std::time::Duration;

use gatecrumb_domain::Timestamp;

use super::{
    model::{START, Table},
    stranger,
};

const DAY: u64 = 86_400;
const OWNER: u32 = 0xffff_0000;

/// The seconds after midnight at which the owner, who begins at noon, gets in; none within three days.
fn siege(attackers: u32, owner: u32) -> Option<u64> {
    let mut table = Table::new();
    let mut next: Vec<(Timestamp, u32)> = (1..=attackers).map(|from| (START, from)).collect();
    let mut owner_comes = START + Duration::from_secs(DAY / 2);
    for second in 0..3 * DAY {
        let now = START + Duration::from_secs(second);
        for (at, from) in &mut next {
            // To come before one is let in changes nothing, so the model skips it. A turn that somebody took makes
            // the wait only longer.
            while *at <= now {
                match table.try_stranger(&stranger("ada", *from), now, false) {
                    Ok(()) => {}
                    Err(wait) => *at = now + Duration::from_secs(wait.into()),
                }
            }
            // Midnight makes all counters new.
            *at = (*at).min(START + Duration::from_secs((second / DAY + 1) * DAY));
        }
        if now >= owner_comes {
            match table.try_stranger(&stranger("ada", OWNER + owner), now, true) {
                Ok(()) => return Some(second - DAY / 2),
                Err(wait) => owner_comes = now + Duration::from_secs(wait.into()),
            }
        }
    }
    None
}

/// Mean wait in minutes of so many owners, and how many of them got in within an hour, in per cent. Whoever is still
/// out after the three days counts with those.
fn owners(attackers: u32, count: u32) -> (u64, u32) {
    let waits: Vec<u64> = (0..count)
        .map(|owner| siege(attackers, owner).unwrap_or(3 * DAY))
        .collect();
    let mean = waits.iter().sum::<u64>() / u64::from(count) / 60;
    let soon = waits.iter().filter(|wait| **wait <= 3600).count();
    (mean, u32::try_from(soon).unwrap() * 100 / count)
}

#[test]
fn networks_that_have_failed_before_do_not_hold_an_owner_up_beyond_half_an_hour() {
    // By noon such few networks have used up their free failures.
    for attackers in [1, 10, 22, 26] {
        for owner in 0..10 {
            let waited = siege(attackers, owner).unwrap();
            assert!(waited <= 1800, "{attackers} attackers: {waited} s");
        }
    }
}

/// With more, an owner gets in once they draw less than every network that has free failures left: as often as any
/// one of those. Ever more networks make it ever rarer, and never impossible.
#[test]
fn an_owner_waits_as_long_as_there_are_networks_that_have_not_failed_before() {
    let few = owners(40, 12);
    assert!((60..400).contains(&few.0) && few.1 > 0, "{few:?}");
    let many = owners(100, 12);
    assert!((400..2000).contains(&many.0), "{many:?}");
}
