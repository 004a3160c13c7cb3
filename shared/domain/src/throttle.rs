//! How often a password may be guessed, as a pure decision: what the counters say and the time go in, whether the
//! attempt may go on and what it adds to them comes out.
//!
//! An attempt is counted before its password is looked at, and a success gives back what it added. An attempt from a
//! known device has one counter, which nobody else can reach. Any other attempt has three, a [`Trio`]: of the name at
//! the network, of the name, of the network. They are counted all or none.
//!
//! The store writes each counter on one of two conditions, as [`Grant`] says, and a property test holds both against
//! one another.

mod limit;
mod network;
mod window;

pub use limit::Limit;
pub use network::Network;
pub use window::{DAY, HOUR, Window};

use crate::{Timestamp, digest::sha256};

/// What a counter says, within its window; [`Counter::default`] where there is none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counter {
    /// Attempts that failed or have not ended yet.
    pub failures: u64,
    /// When the last attempt was counted.
    pub last_at: Timestamp,
}

/// One of each of the three counters of an attempt from an unknown device.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Trio<T> {
    /// Of the name at the network, in a day.
    pub pair: T,
    /// Of the name from everywhere, in a day.
    pub name: T,
    /// Of the network, whatever the names, in an hour.
    pub network: T,
}

impl<T: Copy> Trio<T> {
    /// The same for all three.
    pub fn of(each: T) -> Self {
        Self {
            pair: each,
            name: each,
            network: each,
        }
    }
}

/// How many attempts fail at no cost, for each counter.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a known device, in a day.
    pub device: Limit,
    /// Of an unknown one.
    pub trio: Trio<Limit>,
}

/// Somebody without a device cookie for the name.
#[derive(Clone, Debug)]
pub struct Stranger {
    /// The name as typed, as a pseudonym: it is secret, so that nobody knows the draws.
    pub name: String,
    /// Where the attempt comes from.
    pub network: Network,
}

/// On which condition an attempt is counted. If it does not hold, the attempt is decided again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grant {
    /// That the counter is below its limit, whatever it says.
    Free,
    /// That the counter still says this: it is at its limit, but its wait has passed. Of attempts sent at once one
    /// takes the turn.
    Turn(Counter),
}

/// What a granted attempt does to a counter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Step {
    /// On which condition.
    pub grant: Grant,
    /// How much the attempt adds: one, or nothing where it only takes the turn.
    pub increment: u64,
}

impl Step {
    /// The counter with the attempt counted.
    #[must_use]
    pub fn count(self, counter: Counter, now: Timestamp) -> Counter {
        Counter {
            failures: counter.failures + self.increment,
            last_at: now,
        }
    }

    /// The counter with the attempt, counted at `mine`, taken back.
    ///
    /// The time goes back too, as long as no attempt was counted since. An attempt that was free does not know the
    /// time before it, and need not: without it the counter is below its limit, where times mean nothing, or somebody
    /// was counted after it, who set the time.
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

/// Whether an attempt from an unknown device may go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// It may: count it so.
    Granted(Trio<Step>),
    /// It may not, and no counter is changed.
    Denied {
        /// Seconds until the next attempt may go on, at least one.
        retry_after: u32,
    },
}

impl Limits {
    /// Decides on an attempt of `stranger`. Of a counter that is below its limit nothing need be known: `None`.
    #[must_use]
    pub fn decide(&self, stranger: &Stranger, seen: Trio<Option<Counter>>, now: Timestamp) -> Decision {
        let limits = self.trio;
        let pair = seen.pair.unwrap_or_default();
        // Of each network the name's counter takes the free failures alone.
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

    /// When `stranger` may have the next turn at the name. All networks wait for one counter there, and whoever comes
    /// first after the wait would take the turn: who asks most often, which is no owner. So each network waits for
    /// longer than that by a share of the wait that is drawn anew for each turn, and asking often gains nothing. A
    /// network that has used up its free failures comes after all those that have not.
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

/// A number that nobody without the key of pseudonyms can foretell, for this network and this turn.
fn draw(stranger: &Stranger, turn: Counter) -> u64 {
    let Stranger { name, network } = stranger;
    let Counter { failures, last_at } = turn;
    let hash = sha256(format!("gatecrumb turn\0{name}\0{network}\0{failures}\0{last_at}").as_bytes());
    hash.iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
