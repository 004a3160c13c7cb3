use std::time::Duration;

use super::{Counter, Grant};
use crate::Timestamp;

/// How often the wait, at first one second, doubles before it is [`LONGEST_WAIT`].
const DOUBLINGS: u64 = 10;
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// How many attempts may fail before the next one must wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit(u64);

impl Limit {
    /// A limit of `failures`, or of one if that is zero.
    #[must_use]
    pub fn new(failures: u64) -> Self {
        Self(failures.max(1))
    }

    /// How many attempts may fail without a wait.
    #[must_use]
    pub fn failures(self) -> u64 {
        self.0
    }

    /// The minimum time from the last attempt to the next one after `failures` failures: zero below the limit, one
    /// second at the limit, twice as long after each further failure, and at most 15 minutes.
    #[must_use]
    pub fn wait(self, failures: u64) -> Duration {
        match failures.checked_sub(self.0) {
            None => Duration::ZERO,
            Some(beyond) if beyond < DOUBLINGS => Duration::from_secs(1 << beyond),
            Some(_) => LONGEST_WAIT,
        }
    }

    /// Decides on an attempt that has only this counter: on which condition it is counted, or the seconds to wait, at
    /// least one.
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

    /// When the next attempt is granted. Below the limit, the time of the last one has no effect.
    pub(super) fn free_at(self, counter: Counter) -> Timestamp {
        if self.is_below(counter) {
            return Timestamp(0);
        }
        counter.last_at + self.wait(counter.failures)
    }

    /// The condition for an attempt whose wait has passed.
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
