use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use gatecrumb_tokens::Timestamp;

use crate::item::{number, time};

/// The wait doubles from one second …
const DOUBLINGS: u64 = 10;
/// … to this, and stays there.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(900);

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

    /// [`Self::wait`] as a condition on the item, whose counter is `#failures`, so that of attempts sent at once no more are let through than of
    /// those sent in a row.
    pub(super) fn condition(
        self,
        update: UpdateItemFluentBuilder,
        now: Timestamp,
    ) -> UpdateItemFluentBuilder {
        let mut update = update
            .expression_attribute_values(":limit", number(self.0))
            .expression_attribute_values(":longest", time(now - LONGEST_WAIT));
        let mut cases =
            vec!["attribute_not_exists(#failures) OR #failures < :limit OR last_at <= :longest".to_owned()];
        for beyond in 0..DOUBLINGS {
            let (failures, last) = (format!(":f{beyond}"), format!(":t{beyond}"));
            cases.push(format!("(#failures < {failures} AND last_at <= {last})"));
            update = update
                .expression_attribute_values(failures, number(self.0 + beyond + 1))
                .expression_attribute_values(last, time(now - self.wait(self.0 + beyond)));
        }
        update.condition_expression(cases.join(" OR "))
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
