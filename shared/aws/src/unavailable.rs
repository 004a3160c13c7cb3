use std::error::Error;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId as _,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// A request to `DynamoDB` or Secrets Manager failed and can be retried.
///
/// The message is for the log: the operation, an error code and AWS's request id, never an item.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct Unavailable {
    operation: &'static str,
    cause: String,
    fault: Fault,
}

/// The kind of an [`Unavailable`], for a command line that explains it to an operator.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// AWS responded with this error code.
    Code(String),
    /// There was no response: name resolution, connection, TLS, timeout.
    NoResponse,
    /// The embedded `DynamoDB` cannot use its file: the cause says why, and what to do.
    File,
    /// Anything else, such as an item that cannot be read.
    Other,
}

impl Unavailable {
    /// For a cause other than an error of the SDK. `cause` must not contain an item's values.
    pub fn because(operation: &'static str, cause: impl Into<String>) -> Self {
        Self {
            operation,
            cause: cause.into(),
            fault: Fault::Other,
        }
    }

    /// The kind of failure.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The cause alone, without the operation.
    #[must_use]
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// Uses neither `Debug` nor the messages of service errors, because both can contain the item.
    pub fn from_sdk<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let (cause, fault) = match error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("error without a code");
                let status = service.raw().status().as_u16();
                let request = error.request_id().unwrap_or("unknown");
                let cause = format!("{code} (status {status}, AWS request {request})");
                (cause, Fault::Code(code.to_owned()))
            }
            // A connector of our own says what is wrong and what to do.
            SdkError::DispatchFailure(failure) if failure.is_user() => {
                let connector = failure.as_connector_error().and_then(Error::source);
                (connector.unwrap_or(error).to_string(), Fault::File)
            }
            other => {
                let mut cause = other.to_string();
                let mut source = other.source();
                while let Some(error) = source {
                    cause.push_str(": ");
                    cause.push_str(&error.to_string());
                    source = error.source();
                }
                let fault = match other {
                    SdkError::ConstructionFailure(_) => Fault::Other,
                    _ => Fault::NoResponse,
                };
                (cause, fault)
            }
        };
        Self {
            operation,
            cause,
            fault,
        }
    }
}
