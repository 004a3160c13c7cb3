//! One way to call DynamoDB, and one error for all that can go wrong with it.

use std::{error::Error, time::Duration};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{RequestId, update_item::builders::UpdateItemFluentBuilder},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::reply::refuses_signature;

/// A conflict with a transaction is over as soon as that transaction is: some milliseconds.
const CONFLICT_BACKOFF: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(60),
    Duration::from_millis(150),
];

/// DynamoDB or Secrets Manager did not do what it was asked. Nothing was lost: the same request can be made again.
///
/// The text is for the log: an operation, an error code and AWS's request id, never an item.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct Unavailable {
    operation: &'static str,
    cause: String,
}

impl Unavailable {
    pub(crate) fn because(operation: &'static str, cause: impl Into<String>) -> Self {
        Self {
            operation,
            cause: cause.into(),
        }
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        // Not Debug, and not the messages of service errors: both can hold the item.
        let cause = match error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("error without a code");
                let status = service.raw().status().as_u16();
                let request = error.request_id().unwrap_or("unknown");
                format!("{code} (status {status}, AWS request {request})")
            }
            other => {
                let mut cause = other.to_string();
                let mut source = other.source();
                while let Some(error) = source {
                    cause.push_str(": ");
                    cause.push_str(&error.to_string());
                    source = error.source();
                }
                cause
            }
        };
        Self { operation, cause }
    }
}

/// Errors that say whether they come of another transaction on the same item.
pub(crate) trait Conflict {
    fn is_conflict(&self) -> bool;
}

macro_rules! conflict_by_code {
    ($($error:ty),* $(,)?) => {$(
        impl Conflict for $error {
            fn is_conflict(&self) -> bool {
                matches!(self.code(), Some("TransactionConflictException" | "TransactionInProgressException"))
            }
        }
    )*};
}

conflict_by_code!(
    aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemError,
    aws_sdk_dynamodb::operation::delete_item::DeleteItemError,
    aws_sdk_dynamodb::operation::get_item::GetItemError,
    aws_sdk_dynamodb::operation::put_item::PutItemError,
    aws_sdk_dynamodb::operation::query::QueryError,
    aws_sdk_dynamodb::operation::update_item::UpdateItemError,
);

#[cfg(feature = "secrets")]
conflict_by_code!(
    aws_sdk_secretsmanager::operation::create_secret::CreateSecretError,
    aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError,
    aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError,
);

impl Conflict for aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError {
    fn is_conflict(&self) -> bool {
        match self {
            Self::TransactionCanceledException(canceled) => {
                let mut codes = canceled
                    .cancellation_reasons()
                    .iter()
                    .filter_map(|reason| reason.code());
                codes.any(|code| code == "TransactionConflict")
            }
            Self::TransactionInProgressException(_) => true,
            _ => self.code() == Some("TransactionConflictException"),
        }
    }
}

/// Calls until the call meets no conflict, five times at most, and once more when its signature was refused: the clock
/// may have jumped since it was signed, as it does when Lambda thaws a function.
pub(crate) async fn send<T, E, F>(mut call: impl FnMut() -> F) -> Result<T, SdkError<E, HttpResponse>>
where
    E: Conflict + ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let mut backoff = CONFLICT_BACKOFF.iter();
    let mut signed_again = false;
    loop {
        // The SDK's futures take some 8 KB each, and a sign-in makes several calls beside one another.
        let answer = Box::pin(call()).await;
        let Err(SdkError::ServiceError(error)) = &answer else {
            return answer;
        };
        let error = error.err();
        if error.is_conflict()
            && let Some(&pause) = backoff.next()
        {
            tokio::time::sleep(pause).await;
        } else if refuses_signature(error.code()) && !signed_again {
            signed_again = true;
        } else {
            return answer;
        }
    }
}

/// Updates an item if its condition holds, and says whether it did.
pub(crate) async fn update_if(
    operation: &'static str,
    update: UpdateItemFluentBuilder,
) -> Result<bool, Unavailable> {
    match send(|| update.clone().send()).await {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(e)) if e.err().is_conditional_check_failed_exception() => Ok(false),
        Err(error) => Err(Unavailable::from_sdk(operation, &error)),
    }
}
