//! The table: the only module that builds DynamoDB requests.
//!
//! Every read is strongly consistent. [`gatecrumb_aws::send`] retries a call that conflicts with a transaction.

mod read;
mod receipt;
mod transact;
mod value;
mod write;

use aws_sdk_dynamodb::Client;
use gatecrumb_aws::{SdkConfig, SignatureRetryClassifier};

pub use read::Projection;
pub use transact::{Check, TransactOutcome, TransactWrite};
pub use value::{Item, Value, boolean, from_item, key, list, number, string, time, to_item};
pub use write::{Outcome, RowBefore, Write};

/// The table's operations. Each takes the name that errors show for it.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(crate) fn new(config: &SdkConfig, name: &str) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(config)
            .interceptor(receipt::Receipt)
            .retry_classifier(SignatureRetryClassifier)
            .build();
        Self {
            client: Client::from_conf(config),
            name: name.to_owned(),
        }
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The client, for requests about the table itself, such as `CreateTable`.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}

/// Whether a transaction on the same item caused the error. `TransactWriteItems` has its own check.
fn is_conflict(error: &impl aws_sdk_dynamodb::error::ProvideErrorMetadata) -> bool {
    matches!(
        error.code(),
        Some("TransactionConflictException" | "TransactionInProgressException")
    )
}
