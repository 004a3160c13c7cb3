//! The limit on password guesses, as a pure decision: from the counters and the time it decides whether an attempt is
//! granted and what the attempt adds to the counters.
//!
//! An attempt is counted before its password is verified, and a success subtracts what it added. An attempt from a
//! known device has one counter, which no other device changes. Any other attempt has three, a [`Trio`]: one for the
//! name at the network, one for the name, one for the network. The store updates all three or none.
//!
//! The store writes each counter on one of the two conditions of [`Grant`]. A property test of the store compares the
//! conditions with these decisions.

mod limit;
mod network;
mod window;

pub use limit::Limit;
pub use network::Network;
pub use window::{DAY, HOUR, Window};

use crate::{Timestamp, digest::sha256_start};

/// The content of a counter within its window; [`Counter::default`] if it does not exist.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counter {
    /// Attempts that failed or are still in progress.
    pub failures: u64,
    /// When the last attempt was counted.
    pub last_at: Timestamp,
}

/// One value for each of the three counters of an attempt from an unknown device.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Trio<T> {
    /// For the name at the network, per day.
    pub pair: T,
    /// For the name from all networks, per day.
    pub name: T,
    /// For the network with all names, per hour.
    pub network: T,
}

impl<T: Copy> Trio<T> {
    /// The same value for all three.
    pub fn of(each: T) -> Self {
        Self {
            pair: each,
            name: each,
            network: each,
        }
    }
}

/// How many attempts may fail without a wait, for each counter.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a known device, per day.
    pub device: Limit,
    /// For an unknown device.
    pub trio: Trio<Limit>,
}

/// The sender of an attempt without a device cookie for the name.
#[derive(Clone, Debug)]
pub struct Stranger {
    /// The pseudonym of the name as typed. It is secret, so nobody can predict the random waits.
    pub name: String,
    /// The network that the attempt comes from.
    pub network: Network,
}

/// The condition on which the store counts an attempt. If it does not hold, the attempt is decided again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grant {
    /// The counter is below its limit.
    Free,
    /// The counter is unchanged. It has reached its limit, but its wait has passed: of concurrent attempts, one takes
    /// the turn.
    Turn(Counter),
}

/// How a granted attempt updates a counter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Step {
    /// The condition of the update.
    pub grant: Grant,
    /// How much the attempt adds: one, or zero if it only takes the turn.
    pub increment: u64,
}

impl Step {
    /// The counter after the attempt.
    #[must_use]
    pub fn count(self, counter: Counter, now: Timestamp) -> Counter {
        Counter {
            failures: counter.failures + self.increment,
            last_at: now,
        }
    }

    /// The counter without the attempt, which was counted at `mine`.
    ///
    /// This also restores the time before the attempt, unless another attempt was counted since. A free attempt does
    /// not know that time and does not need it: without the attempt, the counter is below its limit, where the time has
    /// no effect, or another attempt was counted later and set the time.
    #[must_use]
    pub fn give_back(self, counter: Counter, mine: Timestamp) -> Counter {
        let Some(failures) = counter.failures.checked_sub(self.increment) else {
            return counter;
        };
        let last_at = match self.grant {
            Grant::Turn(before) if counter.last_at == mine => before.last_at,
            _ => counter.last_at,
        };
        Counter { failures, last_at }
    }
}

/// Whether an attempt from an unknown device is granted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// It is granted and updates the counters like this.
    Granted(Trio<Step>),
    /// It is denied and changes no counter.
    Denied {
        /// Seconds until the next attempt is granted, at least one.
        retry_after: u32,
    },
}

impl Limits {
    /// Decides on an attempt of `stranger`. A counter that is below its limit may be `None`.
    #[must_use]
    pub fn decide(&self, stranger: &Stranger, seen: Trio<Option<Counter>>, now: Timestamp) -> Decision {
        let limits = self.trio;
        let pair = seen.pair.unwrap_or_default();
        // Each network adds at most `pair.free` failures to the account's counter.
        let is_fresh = limits.pair.is_below(pair);
        let after = |limit: Limit, counter: Option<Counter>| limit.free_at(counter.unwrap_or_default());
        let free_at = Trio {
            pair: after(limits.pair, seen.pair),
            name: self.name_free_at(stranger, seen.name.unwrap_or_default(), is_fresh),
            network: after(limits.network, seen.network),
        };
        let latest = free_at.pair.max(free_at.name).max(free_at.network);
        if now < latest {
            let seconds = latest.since(now).as_secs();
            let retry_after = u32::try_from(seconds).unwrap_or(u32::MAX);
            return Decision::Denied { retry_after };
        }
        let step = |limit: Limit, seen: Option<Counter>, increment| Step {
            grant: limit.grant(seen.unwrap_or_default()),
            increment,
        };
        Decision::Granted(Trio {
            pair: step(limits.pair, seen.pair, 1),
            name: step(limits.name, seen.name, u64::from(is_fresh)),
            network: step(limits.network, seen.network, 1),
        })
    }

    /// When `stranger` may take the next turn at the name.
    ///
    /// All networks share the name's counter. If all of them waited equally long, the one that polls most often would
    /// take each turn, and that is an attacker. Each network therefore waits longer by a random part of the wait, drawn
    /// again for each turn, and polling gains nothing. A network that has used its free failures waits twice as long,
    /// after all networks that have some left.
    fn name_free_at(&self, stranger: &Stranger, counter: Counter, is_fresh: bool) -> Timestamp {
        let limit = self.trio.name;
        let wait = limit.wait(counter.failures);
        let seconds = wait.as_secs();
        let longer = if is_fresh {
            draw(stranger, counter).checked_rem(seconds).unwrap_or(0)
        } else {
            seconds
        };
        limit.free_at(counter) + std::time::Duration::from_secs(longer)
    }
}

/// The random number of this network for this turn. Nobody can predict it without the key of the pseudonyms.
fn draw(stranger: &Stranger, turn: Counter) -> u64 {
    let Stranger { name, network } = stranger;
    let Counter { failures, last_at } = turn;
    sha256_start(format!("gatecrumb turn\0{name}\0{network}\0{failures}\0{last_at}").as_bytes())
}
