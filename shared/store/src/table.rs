//! The table itself: the only place that builds requests to it.
//!
//! Every read is consistent. Every call is repeated while it conflicts with a transaction ([`gatecrumb_aws::send`]).

mod read;
mod receipt;
mod transact;
mod value;
mod write;

use aws_sdk_dynamodb::Client;
use gatecrumb_aws::{OneSignatureMore, SdkConfig};

pub use read::Projection;
pub use transact::{Check, TransactOutcome, TransactWrite};
pub use value::{Item, Value, boolean, key, list, number, read, text, time, write};
pub use write::{Outcome, RowBefore, Write};

/// The table, as requests and what came of them. Each verb takes the operation's name in errors.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(crate) fn new(config: &SdkConfig, name: &str) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(config)
            .interceptor(receipt::Receipt)
            .retry_classifier(OneSignatureMore)
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

    /// For requests that concern the table as a whole, such as `CreateTable`.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}

/// Whether another transaction on the same item caused an error, of any operation but `TransactWriteItems`.
fn is_conflict(error: &impl aws_sdk_dynamodb::error::ProvideErrorMetadata) -> bool {
    matches!(
        error.code(),
        Some("TransactionConflictException" | "TransactionInProgressException")
    )
}
