//! A table of counters and clients that try one after the other. Each attempt is decided on the content of the table
//! and updates all its counters.

use std::{collections::HashMap, time::Duration};

use gatecrumb_domain::{
    Timestamp,
    throttle::{Counter, DAY, Decision, HOUR, Limits, Step, Stranger, Trio, Window},
};

use super::{limits, stranger};

/// Midnight.
pub(super) const START: Timestamp = Timestamp(1_800_057_600);

/// A counter and the start of its window.
type Key = (String, Timestamp);

pub(super) struct Table {
    limits: Limits,
    rows: HashMap<Key, Counter>,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            limits: limits(),
            rows: HashMap::new(),
        }
    }

    fn row(&self, key: &Key) -> Counter {
        self.rows.get(key).copied().unwrap_or_default()
    }

    /// An attempt from a known device. A success resets its counter.
    pub(super) fn try_device(&mut self, device: &str, now: Timestamp, succeeds: bool) -> Result<(), u32> {
        let key = (format!("device {device}"), Window::around(now, DAY).start);
        let grant = self.limits.device.decide(self.row(&key), now)?;
        let counted = Step { grant, increment: 1 }.count(self.row(&key), now);
        if succeeds {
            self.rows.remove(&key);
        } else {
            self.rows.insert(key, counted);
        }
        Ok(())
    }

    /// An attempt from an unknown device. If denied, it changes no row; a success subtracts what it added.
    pub(super) fn try_stranger(&mut self, who: &Stranger, now: Timestamp, succeeds: bool) -> Result<(), u32> {
        let Stranger { name, network } = who;
        let day = Window::around(now, DAY).start;
        let keys = Trio {
            pair: (format!("pair {name} {network}"), day),
            name: (format!("name {name}"), day),
            network: (format!("network {network}"), Window::around(now, HOUR).start),
        };
        let seen = Trio {
            pair: Some(self.row(&keys.pair)),
            name: Some(self.row(&keys.name)),
            network: Some(self.row(&keys.network)),
        };
        match self.limits.decide(who, seen, now) {
            Decision::Denied { retry_after } => Err(retry_after),
            Decision::Granted(steps) => {
                for (key, step) in [
                    (keys.pair, steps.pair),
                    (keys.name, steps.name),
                    (keys.network, steps.network),
                ] {
                    let counted = step.count(self.row(&key), now);
                    let row = if succeeds {
                        step.give_back(counted, now)
                    } else {
                        counted
                    };
                    self.rows.insert(key, row);
                }
                Ok(())
            }
        }
    }
}

fn after(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

#[test]
fn nobody_delays_an_owner_with_a_known_device() {
    let mut table = Table::new();
    for second in 0..86_400 {
        let now = after(second);
        // From many networks, including the owner's, on the owner's name and on others.
        for from in 0..3 {
            let _ = table.try_stranger(
                &stranger("ada", u32::try_from(second).unwrap() * 3 + from),
                now,
                false,
            );
        }
        let _ = table.try_stranger(&stranger("ada", 7), now, false);
        let _ = table.try_stranger(&stranger("bob", 7), now, false);
        if second % 600 == 0 {
            // Four wrong passwords cause no wait, each time.
            for succeeds in [false, false, false, false, true] {
                assert_eq!(table.try_device("adas", now, succeeds), Ok(()), "second {second}");
            }
        }
    }
}

/// The number of guesses granted in a day.
fn guesses(mut attempt: impl FnMut(&mut Table, Timestamp) -> u32) -> u32 {
    let mut table = Table::new();
    (0..86_400).map(|second| attempt(&mut table, after(second))).sum()
}

#[test]
fn the_guesses_of_a_day_are_bounded() {
    let poll = |granted: Result<(), u32>| u32::from(granted.is_ok());
    // One attacker in one network, and one with a stolen device cookie: 5 without a wait, 10 while the wait doubles,
    // then one every 15 minutes.
    let single = guesses(|table, now| poll(table.try_stranger(&stranger("ada", 1), now, false)));
    let device = guesses(|table, now| poll(table.try_device("stolen", now, false)));
    assert_eq!((single, device), (109, 109));
    // 200 networks on one name: 100 without a wait, then the same.
    let mut next = vec![START; 200];
    let distributed = guesses(|table, now| {
        let mut granted = 0;
        for (at, from) in next.iter_mut().zip(0..) {
            // An attempt before the wait is over changes nothing, so the model skips it.
            while *at <= now {
                match table.try_stranger(&stranger("ada", from), now, false) {
                    Ok(()) => granted += 1,
                    Err(wait) => *at = now + Duration::from_secs(wait.into()),
                }
            }
        }
        granted
    });
    assert!((195..210).contains(&distributed), "{distributed}");
    // One network on any number of names: 100 an hour without a wait, then the same.
    let mut names = 0..;
    let spraying = guesses(|table, now| {
        let name = names.next().unwrap_or(0).to_string();
        (0..5)
            .map(|_| poll(table.try_stranger(&stranger(&name, 1), now, false)))
            .sum()
    });
    assert!((24 * 100..24 * 115).contains(&spraying), "{spraying}");
}

#[test]
fn failures_and_not_successes_delay_others_behind_the_same_nat() {
    let mut table = Table::new();
    for name in 0..100 {
        assert_eq!(
            table.try_stranger(&stranger(&format!("name{name}"), 1), START, false),
            Ok(())
        );
    }
    assert_eq!(table.try_stranger(&stranger("neighbor", 1), START, true), Err(1));
    for neighbor in 0..50 {
        let neighbor = stranger(&format!("neighbor{neighbor}"), 1);
        assert_eq!(table.try_stranger(&neighbor, after(1), true), Ok(()));
    }
    // Clients in another network and known devices in this one do not wait.
    assert_eq!(table.try_stranger(&stranger("neighbor", 2), START, true), Ok(()));
    assert_eq!(table.try_device("neighbors", START, true), Ok(()));
    // The wait ends with the hour at the latest.
    let mut now = after(1);
    for name in 0..11 {
        while let Err(wait) = table.try_stranger(&stranger(&format!("more{name}"), 1), now, false) {
            now = now + Duration::from_secs(wait.into());
        }
    }
    let Err(wait) = table.try_stranger(&stranger("neighbor", 1), now, true) else {
        panic!("the wait has not grown");
    };
    assert!(wait <= 900, "{wait}");
    assert_eq!(
        table.try_stranger(&stranger("neighbor", 1), after(3600), true),
        Ok(())
    );
}
