//! Visitors at a table of counters, one attempt at a time: each is decided on what the table says, and counted whole.

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

    /// An attempt from a known device; a success forgets its failures.
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

    /// An attempt from anywhere else: refused, it changes no row; a success gives back what it added.
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
fn an_owner_with_a_device_is_never_delayed_by_anybody() {
    let mut table = Table::new();
    for second in 0..86_400 {
        let now = after(second);
        // Everywhere at once, the owner's own network included, on the owner's name and on others.
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
            // Four mistyped passwords are free each time.
            for succeeds in [false, false, false, false, true] {
                assert_eq!(table.try_device("adas", now, succeeds), Ok(()), "second {second}");
            }
        }
    }
}

/// The guesses that get through in a day.
fn guesses(mut attempt: impl FnMut(&mut Table, Timestamp) -> u32) -> u32 {
    let mut table = Table::new();
    (0..86_400).map(|second| attempt(&mut table, after(second))).sum()
}

#[test]
fn the_guesses_of_a_day_are_bounded() {
    let poll = |granted: Result<(), u32>| u32::from(granted.is_ok());
    // A single attacker at one network, and one with a stolen device cookie: 5, and 10 while the wait doubles, and one
    // each 15 minutes.
    let single = guesses(|table, now| poll(table.try_stranger(&stranger("ada", 1), now, false)));
    let device = guesses(|table, now| poll(table.try_device("stolen", now, false)));
    assert_eq!((single, device), (109, 109));
    // Two hundred networks on one name: a hundred, and the same.
    let mut next = vec![START; 200];
    let distributed = guesses(|table, now| {
        let mut granted = 0;
        for (at, from) in next.iter_mut().zip(0..) {
            // One that comes before it is let in changes nothing, so the model skips it.
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
    // One network on as many names as it likes: a hundred an hour, and what the waits leave.
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
fn a_neighbour_behind_a_nat_waits_for_the_failures_there_and_not_for_the_successes() {
    let mut table = Table::new();
    for name in 0..100 {
        assert_eq!(
            table.try_stranger(&stranger(&format!("name{name}"), 1), START, false),
            Ok(())
        );
    }
    assert_eq!(table.try_stranger(&stranger("neighbour", 1), START, true), Err(1));
    for neighbour in 0..50 {
        let neighbour = stranger(&format!("neighbour{neighbour}"), 1);
        assert_eq!(table.try_stranger(&neighbour, after(1), true), Ok(()));
    }
    // Elsewhere nobody waits, nor does a known device here.
    assert_eq!(table.try_stranger(&stranger("neighbour", 2), START, true), Ok(()));
    assert_eq!(table.try_device("neighbours", START, true), Ok(()));
    // However long the wait has become, it ends with the hour.
    let mut now = after(1);
    for name in 0..11 {
        while let Err(wait) = table.try_stranger(&stranger(&format!("more{name}"), 1), now, false) {
            now = now + Duration::from_secs(wait.into());
        }
    }
    let Err(wait) = table.try_stranger(&stranger("neighbour", 1), now, true) else {
        panic!("the wait has not grown");
    };
    assert!(wait <= 900, "{wait}");
    assert_eq!(
        table.try_stranger(&stranger("neighbour", 1), after(3600), true),
        Ok(())
    );
}
