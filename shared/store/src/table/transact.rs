use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata as _},
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, Delete, Put, TransactWriteItem, Update},
};
use gatecrumb_aws::{Unavailable, send};

use super::{Item, Table, Write};

const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// A write of a transaction.
#[derive(Clone, Debug)]
pub enum TransactWrite {
    /// Puts the item.
    Put(Write),
    /// Updates the item, or creates it.
    Update(Write),
    /// Deletes the item.
    Delete(Write),
}

/// The result of a transaction: all of its writes were applied, or none.
#[derive(Clone, Debug)]
pub enum TransactOutcome {
    /// All were applied.
    Done,
    /// At least one condition failed. One check for each write, in order.
    Refused(Vec<Check>),
    /// Conflicts with other transactions on the same items, on every try.
    Contended(Unavailable),
}

/// The condition of one write in a canceled transaction.
#[derive(Clone, Debug)]
pub enum Check {
    /// It held.
    Held,
    /// It failed. The row, if it was requested and exists.
    Failed(Option<Item>),
}

impl TransactOutcome {
    /// Whether it was applied. A conflict is an error.
    pub fn is_done(self) -> Result<bool, Unavailable> {
        match self {
            Self::Done => Ok(true),
            Self::Refused(_) => Ok(false),
            Self::Contended(error) => Err(error),
        }
    }
}

impl TransactWrite {
    fn build(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let item = TransactWriteItem::builder();
        let item = match self {
            Self::Put(write) => item.put(
                Put::builder()
                    .table_name(table)
                    .set_return_values_on_condition_check_failure(write.row_if_refused())
                    .set_item(Some(write.item))
                    .set_condition_expression(write.condition)
                    .set_expression_attribute_names(write.names)
                    .set_expression_attribute_values(write.values)
                    .build()?,
            ),
            Self::Update(write) => item.update(
                Update::builder()
                    .table_name(table)
                    .set_return_values_on_condition_check_failure(write.row_if_refused())
                    .set_key(Some(write.item))
                    .set_update_expression(write.expression)
                    .set_condition_expression(write.condition)
                    .set_expression_attribute_names(write.names)
                    .set_expression_attribute_values(write.values)
                    .build()?,
            ),
            Self::Delete(write) => item.delete(
                Delete::builder()
                    .table_name(table)
                    .set_return_values_on_condition_check_failure(write.row_if_refused())
                    .set_key(Some(write.item))
                    .set_condition_expression(write.condition)
                    .set_expression_attribute_names(write.names)
                    .set_expression_attribute_values(write.values)
                    .build()?,
            ),
        };
        Ok(item.build())
    }
}

impl Table {
    /// `TransactWriteItems`.
    pub async fn transact(
        &self,
        operation: &'static str,
        writes: impl IntoIterator<Item = TransactWrite>,
    ) -> Result<TransactOutcome, Unavailable> {
        let mut transaction = self.client.transact_write_items();
        for write in writes {
            let item = write
                .build(&self.name)
                .map_err(|error| Unavailable::because(operation, error.to_string()))?;
            transaction = transaction.transact_items(item);
        }
        let Err(error) = send(is_conflict, || transaction.clone().send()).await else {
            return Ok(TransactOutcome::Done);
        };
        let service = error.as_service_error();
        if service.is_some_and(is_conflict) {
            return Ok(TransactOutcome::Contended(Unavailable::from_sdk(
                operation, &error,
            )));
        }
        match service.and_then(refused) {
            Some(checks) => Ok(TransactOutcome::Refused(checks)),
            None => Err(Unavailable::from_sdk(operation, &error)),
        }
    }
}

fn is_conflict(error: &TransactWriteItemsError) -> bool {
    match error {
        TransactWriteItemsError::TransactionCanceledException(canceled) => {
            let mut reasons = canceled.cancellation_reasons().iter();
            reasons.any(|reason| reason.code() == Some("TransactionConflict"))
        }
        TransactWriteItemsError::TransactionInProgressException(_) => true,
        _ => error.code() == Some("TransactionConflictException"),
    }
}

/// The checks of a transaction that only conditions canceled.
fn refused(error: &TransactWriteItemsError) -> Option<Vec<Check>> {
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        return None;
    };
    let check = |reason: &CancellationReason| match reason.code() {
        None | Some("None") => Some(Check::Held),
        Some(CONDITION_FAILED) => Some(Check::Failed(reason.item().cloned())),
        Some(_) => None,
    };
    let checks: Vec<Check> = canceled
        .cancellation_reasons()
        .iter()
        .map(check)
        .collect::<Option<_>>()?;
    let any = checks.iter().any(|check| matches!(check, Check::Failed(_)));
    any.then_some(checks)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{
        error::ErrorMetadata,
        types::error::{TransactionCanceledException, TransactionInProgressException},
    };

    use super::*;

    fn canceled(codes: &[&str]) -> TransactWriteItemsError {
        let reasons = codes
            .iter()
            .map(|code| CancellationReason::builder().code(*code).build());
        let canceled =
            TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons.collect()));
        TransactWriteItemsError::TransactionCanceledException(canceled.build())
    }

    #[test]
    fn only_failed_conditions_are_a_refusal() {
        let checks = refused(&canceled(&["None", CONDITION_FAILED])).unwrap();
        assert!(
            matches!(checks[..], [Check::Held, Check::Failed(None)]),
            "{checks:?}"
        );
        for codes in [
            &["None", "None"][..],
            &[CONDITION_FAILED, "ThrottlingError"],
            &[CONDITION_FAILED, "TransactionConflict"],
            &[],
        ] {
            assert!(refused(&canceled(codes)).is_none(), "{codes:?}");
        }
    }

    #[test]
    fn every_code_for_another_transaction_is_a_conflict() {
        let other = |code| TransactWriteItemsError::generic(ErrorMetadata::builder().code(code).build());
        assert!(is_conflict(&canceled(&[CONDITION_FAILED, "TransactionConflict"])));
        assert!(is_conflict(&other("TransactionConflictException")));
        let in_progress = TransactionInProgressException::builder().build();
        assert!(is_conflict(
            &TransactWriteItemsError::TransactionInProgressException(in_progress)
        ));
        assert!(!is_conflict(&canceled(&["None", CONDITION_FAILED])));
        assert!(!is_conflict(&other("ValidationException")));
    }
}
