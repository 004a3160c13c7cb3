use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;

use crate::item::number;

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

    /// Whether `failures`, counted in one window, cost nothing.
    pub(super) fn is_free(self, failures: u64) -> bool {
        failures <= self.0
    }

    /// [`Self::wait`] as a condition on the item, whose counter is `#failures`, for as long as there is none.
    pub(super) fn condition(self, update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        update
            .condition_expression("attribute_not_exists(#failures) OR #failures < :limit")
            .expression_attribute_values(":limit", number(self.0))
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
