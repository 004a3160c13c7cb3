use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{delete_item::DeleteItemError, update_item::UpdateItemError},
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use gatecrumb_aws::{Unavailable, send};

use super::{Item, Table, Value, is_conflict};

/// One write: what is written, and on which condition.
#[derive(Clone, Debug)]
pub struct Write {
    /// The whole item of a put, the key of any other write.
    pub(super) item: Item,
    pub(super) expression: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, Value>>,
    pub(super) row_before: RowBefore,
}

/// When the row comes back as it was before the write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowBefore {
    /// Never.
    Never,
    /// If the condition does not hold.
    IfRefused,
    /// In either case. Of an update alone.
    Always,
}

/// What came of a write.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was written. The row as it was before, if that was requested and there was one.
    Done(Option<Item>),
    /// The condition does not hold. The row as it is, if that was requested and there is one.
    Refused(Option<Item>),
    /// Transactions on the same item kept it from being written, however often it was tried.
    Contended(Unavailable),
}

impl Outcome {
    /// Whether it was written, where a conflict is a failure like any other.
    pub fn is_done(self) -> Result<bool, Unavailable> {
        match self {
            Self::Done(_) => Ok(true),
            Self::Refused(_) => Ok(false),
            Self::Contended(error) => Err(error),
        }
    }
}

impl Write {
    /// A write of this item, or to the item with this key, whatever is there.
    #[must_use]
    pub fn to(item: Item) -> Self {
        Self {
            item,
            expression: None,
            condition: None,
            names: None,
            values: None,
            row_before: RowBefore::Never,
        }
    }

    /// What an update changes.
    #[must_use]
    pub fn update(mut self, expression: impl Into<String>) -> Self {
        self.expression = Some(expression.into());
        self
    }

    /// The condition.
    #[must_use]
    pub fn when(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// The attribute that a placeholder such as `#name` means.
    #[must_use]
    pub fn name(mut self, placeholder: &str, attribute: &str) -> Self {
        let names = self.names.get_or_insert_default();
        names.insert(placeholder.to_owned(), attribute.to_owned());
        self
    }

    /// The value that a placeholder such as `:now` means.
    #[must_use]
    pub fn value(mut self, placeholder: impl Into<String>, value: Value) -> Self {
        let values = self.values.get_or_insert_default();
        values.insert(placeholder.into(), value);
        self
    }

    /// When the row comes back; without this, never.
    #[must_use]
    pub fn returning(mut self, row_before: RowBefore) -> Self {
        self.row_before = row_before;
        self
    }

    pub(super) fn row_if_refused(&self) -> Option<ReturnValuesOnConditionCheckFailure> {
        (self.row_before != RowBefore::Never).then_some(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

impl Table {
    /// `PutItem`: replaces whatever is there.
    pub async fn put(&self, operation: &'static str, item: Item) -> Result<(), Unavailable> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        match send(is_conflict, || put.clone().send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(Unavailable::from_sdk(operation, &error)),
        }
    }

    /// `UpdateItem`.
    pub async fn update_if(&self, operation: &'static str, write: Write) -> Result<Outcome, Unavailable> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_return_values((write.row_before == RowBefore::Always).then_some(ReturnValue::AllOld))
            .set_return_values_on_condition_check_failure(write.row_if_refused())
            .set_key(Some(write.item))
            .set_update_expression(write.expression)
            .set_condition_expression(write.condition)
            .set_expression_attribute_names(write.names)
            .set_expression_attribute_values(write.values);
        match send(is_conflict, || update.clone().send()).await {
            Ok(answer) => Ok(Outcome::Done(answer.attributes)),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(failed) => {
                        Ok(Outcome::Refused(failed.item))
                    }
                    _ => Ok(Outcome::Refused(None)),
                }
            }
            Err(error) => contended(operation, &error),
        }
    }

    /// `DeleteItem`. Without a condition, deleting what is not there is done as well.
    pub async fn delete_if(&self, operation: &'static str, write: Write) -> Result<Outcome, Unavailable> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_return_values_on_condition_check_failure(write.row_if_refused())
            .set_key(Some(write.item))
            .set_condition_expression(write.condition)
            .set_expression_attribute_names(write.names)
            .set_expression_attribute_values(write.values);
        match send(is_conflict, || delete.clone().send()).await {
            Ok(_) => Ok(Outcome::Done(None)),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    DeleteItemError::ConditionalCheckFailedException(failed) => {
                        Ok(Outcome::Refused(failed.item))
                    }
                    _ => Ok(Outcome::Refused(None)),
                }
            }
            Err(error) => contended(operation, &error),
        }
    }
}

fn contended<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Result<Outcome, Unavailable>
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let conflicts = error.as_service_error().is_some_and(is_conflict);
    let error = Unavailable::from_sdk(operation, error);
    if conflicts {
        Ok(Outcome::Contended(error))
    } else {
        Err(error)
    }
}
