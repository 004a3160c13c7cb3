use std::time::Duration;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    Timestamp,
    throttle::{Counter, Grant, Limit, Step, Window},
};
use serde::Deserialize;

use crate::{
    Store,
    table::{Item, RowBefore, Write, from_item, key, number, time},
};

const GIVE_BACK: &str = "UpdateItem of the throttle";

/// The row of a counter in its current window.
pub(super) struct CounterRow {
    pub(super) key: Item,
    pub(super) limit: Limit,
    ends_at: Timestamp,
}

#[derive(Deserialize)]
struct CounterItem {
    failures: u64,
    last_at: Timestamp,
}

impl CounterRow {
    pub(super) fn new(pk: String, limit: Limit, window: Duration, now: Timestamp) -> Self {
        let window = Window::around(now, window);
        Self {
            key: key(pk, format!("FROM#{}", window.start)),
            limit,
            ends_at: window.end,
        }
    }

    /// [`Step::count`] for DynamoDB, on the condition of the step's grant. If it fails, the write returns the row.
    pub(super) fn count(&self, step: Step, now: Timestamp) -> Write {
        let write = Write::to(self.key.clone())
            .update(
                "SET failures = if_not_exists(failures, :zero) + :increment, last_at = :now, \
                 expires_at = :end",
            )
            .value(":zero", number(0))
            .value(":increment", number(step.increment))
            .value(":now", time(now))
            .value(":end", time(self.ends_at))
            .returning(RowBefore::IfRefused);
        match step.grant {
            Grant::Free => write
                .when("attribute_not_exists(failures) OR failures < :limit")
                .value(":limit", number(self.limit.failures())),
            Grant::Turn(seen) => write
                .when("failures = :seen AND last_at = :seen_at")
                .value(":seen", number(seen.failures))
                .value(":seen_at", time(seen.last_at)),
        }
    }

    /// [`Step::give_back`] for DynamoDB, for an attempt counted at `mine`.
    pub(super) async fn give_back(
        self,
        store: &Store,
        step: Step,
        mine: Timestamp,
    ) -> Result<(), Unavailable> {
        let write = Write::to(self.key).value(":added", number(step.increment));
        if let Grant::Turn(before) = step.grant {
            let with_time = write
                .clone()
                .update("SET failures = failures - :added, last_at = :before")
                .when("failures >= :added AND last_at = :mine")
                .value(":before", time(before.last_at))
                .value(":mine", time(mine));
            if store.table.update_if(GIVE_BACK, with_time).await?.is_done()? {
                return Ok(());
            }
        }
        if step.increment == 0 {
            return Ok(());
        }
        let without = write
            .update("SET failures = failures - :added")
            // A retry after a success must not go below zero.
            .when("failures >= :added");
        store
            .table
            .update_if(GIVE_BACK, without)
            .await?
            .is_done()
            .map(drop)
    }
}

/// The counter when a condition failed. Without an item, it was deleted in between.
pub(super) fn seen(operation: &'static str, item: Option<Item>) -> Result<Counter, Unavailable> {
    let Some(item) = item.filter(|item| !item.is_empty()) else {
        return Ok(Counter::default());
    };
    let CounterItem { failures, last_at } = from_item(operation, item)?;
    Ok(Counter { failures, last_at })
}
