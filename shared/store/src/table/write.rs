use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{delete_item::DeleteItemError, update_item::UpdateItemError},
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use gatecrumb_aws::{Unavailable, send};

use super::{Item, Table, Value, is_conflict};

/// A write and its condition.
#[derive(Clone, Debug)]
pub struct Write {
    /// The whole item for a put, the key for any other write.
    pub(super) item: Item,
    pub(super) expression: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, Value>>,
    pub(super) row_before: RowBefore,
}

/// When a write returns the row as it was before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowBefore {
    /// Never.
    Never,
    /// If the condition fails.
    IfRefused,
    /// In either case. Only for updates.
    Always,
}

/// The result of a write.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was applied. The row before the write, if it was requested and existed.
    Done(Option<Item>),
    /// The condition failed. The row, if it was requested and exists.
    Refused(Option<Item>),
    /// Conflicts with transactions on the same item, on every try.
    Contended(Unavailable),
}

impl Outcome {
    /// Whether it was applied. A conflict is an error.
    pub fn is_done(self) -> Result<bool, Unavailable> {
        match self {
            Self::Done(_) => Ok(true),
            Self::Refused(_) => Ok(false),
            Self::Contended(error) => Err(error),
        }
    }
}

impl Write {
    /// An unconditional put of this item, or a write to the item with this key.
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

    /// The update expression.
    #[must_use]
    pub fn update(mut self, expression: impl Into<String>) -> Self {
        self.expression = Some(expression.into());
        self
    }

    /// The condition expression.
    #[must_use]
    pub fn when(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Defines a placeholder for an attribute, such as `#name`.
    #[must_use]
    pub fn name(mut self, placeholder: &str, attribute: &str) -> Self {
        let names = self.names.get_or_insert_default();
        names.insert(placeholder.to_owned(), attribute.to_owned());
        self
    }

    /// Defines a placeholder for a value, such as `:now`.
    #[must_use]
    pub fn value(mut self, placeholder: impl Into<String>, value: Value) -> Self {
        let values = self.values.get_or_insert_default();
        values.insert(placeholder.into(), value);
        self
    }

    /// When to return the row; by default never.
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
    /// `PutItem`: replaces any existing item.
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
            Ok(response) => Ok(Outcome::Done(response.attributes)),
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

    /// `DeleteItem`. Without a condition, deleting an absent item succeeds.
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
