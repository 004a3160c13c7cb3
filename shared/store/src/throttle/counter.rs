use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use gatecrumb_domain::{
    DeviceId, Timestamp,
    throttle::{Counter, DAY, Grant, Limit, Step, Window},
};
use serde::Deserialize;

use super::{Attempt, LOST_THE_RACE, Permit, TRIES};
use crate::{
    Unavailable,
    call::{Conflict as _, send},
    item::{Item, key, number, read, time},
};

const COUNT: &str = "UpdateItem of a device's counter";
const FORGET: &str = "DeleteItem of a device's counter";

/// Where a counter is, and which limit it has.
pub(super) struct Place {
    pub(super) key: Item,
    pub(super) limit: Limit,
    ends_at: Timestamp,
}

/// What counts an attempt: the expressions of an `UpdateItem`, alone or in a transaction.
pub(super) struct Counting {
    pub(super) update: &'static str,
    pub(super) condition: &'static str,
    pub(super) values: HashMap<String, AttributeValue>,
}

#[derive(Deserialize)]
struct CounterItem {
    failures: u64,
    last_at: Timestamp,
}

impl Place {
    pub(super) fn new(pk: String, limit: Limit, window: Duration, now: Timestamp) -> Self {
        let window = Window::around(now, window);
        Self {
            key: key(pk, format!("FROM#{}", window.start)),
            limit,
            ends_at: window.end,
        }
    }

    /// `Step::count` for DynamoDB, on the condition that `grant` names.
    pub(super) fn counting(&self, grant: Grant, increment: u64, now: Timestamp) -> Counting {
        let mut values = HashMap::from([
            (":zero".to_owned(), number(0)),
            (":increment".to_owned(), number(increment)),
            (":now".to_owned(), time(now)),
            (":end".to_owned(), time(self.ends_at)),
        ]);
        let condition = match grant {
            Grant::Free => {
                values.insert(":limit".to_owned(), number(self.limit.failures()));
                "attribute_not_exists(failures) OR failures < :limit"
            }
            Grant::Turn(seen) => {
                values.insert(":seen".to_owned(), number(seen.failures));
                values.insert(":seen_at".to_owned(), time(seen.last_at));
                "failures = :seen AND last_at = :seen_at"
            }
        };
        Counting {
            update: "SET failures = if_not_exists(failures, :zero) + :increment, last_at = :now, \
                     expires_at = :end",
            condition,
            values,
        }
    }
}

/// The counter as it was when a condition failed. Without an item somebody has taken it away since.
pub(super) fn seen(operation: &'static str, item: Option<Item>) -> Result<Counter, Unavailable> {
    let Some(item) = item.filter(|item| !item.is_empty()) else {
        return Ok(Counter::default());
    };
    let CounterItem { failures, last_at } = read(operation, item)?;
    Ok(Counter { failures, last_at })
}

impl Attempt<'_> {
    fn device(&self, device: &DeviceId) -> Place {
        let pk = format!("THROTTLE#DEVICE#{device}");
        Place::new(pk, self.limits.device, DAY, self.now)
    }

    /// One write where the device has failures left; where it has none, one that is refused, and one more once the
    /// wait has passed.
    pub(super) async fn count_device(&self, device: &DeviceId) -> Result<Result<Step, Permit>, Unavailable> {
        let place = self.device(device);
        let mut grant = Grant::Free;
        for _ in 0..TRIES {
            let counting = place.counting(grant, 1, self.now);
            let update = self
                .store
                .client
                .update_item()
                .table_name(&self.store.table)
                .set_key(Some(place.key.clone()))
                .update_expression(counting.update)
                .condition_expression(counting.condition)
                .set_expression_attribute_values(Some(counting.values))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            let item = match send(|| update.clone().send()).await {
                Ok(_) => return Ok(Ok(Step { grant, increment: 1 })),
                Err(SdkError::ServiceError(error)) if error.err().is_conflict() => {
                    return Ok(Err(LOST_THE_RACE));
                }
                Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                    match error.into_err() {
                        UpdateItemError::ConditionalCheckFailedException(failed) => failed.item,
                        _ => None,
                    }
                }
                Err(error) => return Err(Unavailable::from_sdk(COUNT, &error)),
            };
            match place.limit.decide(seen(COUNT, item)?, self.now) {
                Ok(granted) => grant = granted,
                Err(retry_after) => return Ok(Err(Permit::Denied { retry_after })),
            }
        }
        Ok(Err(LOST_THE_RACE))
    }

    pub(super) async fn give_back_device(&self, device: &DeviceId, step: Step) -> Result<(), Unavailable> {
        self.give_back_one(self.device(device), step).await
    }

    pub(super) async fn forget_device(&self, device: &DeviceId) -> Result<(), Unavailable> {
        let delete = self
            .store
            .client
            .delete_item()
            .table_name(&self.store.table)
            .set_key(Some(self.device(device).key));
        send(|| delete.clone().send())
            .await
            .map_err(|error| Unavailable::from_sdk(FORGET, &error))?;
        Ok(())
    }
}
