use std::time::Duration;

use super::{Counter, Grant};
use crate::Timestamp;

/// The wait doubles from one second …
const DOUBLINGS: u64 = 10;
/// … to this, and stays there.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// How many attempts may fail before the next ones wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit(u64);

impl Limit {
    /// That many fail at no cost; at least one.
    #[must_use]
    pub fn new(failures: u64) -> Self {
        Self(failures.max(1))
    }

    /// How many fail at no cost.
    #[must_use]
    pub fn failures(self) -> u64 {
        self.0
    }

    /// How long after the last attempt the next one has to come, when `failures` have failed: nothing below the
    /// limit, one second at it, then twice as long each time, 15 minutes at most.
    #[must_use]
    pub fn wait(self, failures: u64) -> Duration {
        match failures.checked_sub(self.0) {
            None => Duration::ZERO,
            Some(beyond) if beyond < DOUBLINGS => Duration::from_secs(1 << beyond),
            Some(_) => LONGEST_WAIT,
        }
    }

    /// Decides on an attempt that has this counter alone: how it is counted, or the seconds to wait, at least one.
    pub fn decide(self, counter: Counter, now: Timestamp) -> Result<Grant, u32> {
        let wait = self.free_at(counter).since(now).as_secs();
        match u32::try_from(wait) {
            Ok(0) => Ok(self.grant(counter)),
            wait => Err(wait.unwrap_or(u32::MAX)),
        }
    }

    pub(super) fn is_below(self, counter: Counter) -> bool {
        counter.failures < self.0
    }

    /// When the next attempt may come. Below the limit the last one's time means nothing.
    pub(super) fn free_at(self, counter: Counter) -> Timestamp {
        if self.is_below(counter) {
            return Timestamp(0);
        }
        counter.last_at + self.wait(counter.failures)
    }

    /// How an attempt is counted that need not wait.
    pub(super) fn grant(self, counter: Counter) -> Grant {
        if self.is_below(counter) {
            Grant::Free
        } else {
            Grant::Turn(counter)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_one_second_to_fifteen_minutes() {
        let limit = Limit::new(5);
        let waits: Vec<u64> = (0..18).map(|failures| limit.wait(failures).as_secs()).collect();
        assert_eq!(
            waits,
            [
                0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900
            ]
        );
        assert_eq!(limit.wait(u64::MAX), LONGEST_WAIT);
    }
}
