//! Users, sessions and the throttle in DynamoDB: one table, whose items and round trips `docs/architecture.md` lists.
//!
//! Every read is consistent. A condition that fails is an answer, with the row as it was; a conflict with a
//! transaction is retried; whatever else goes wrong is [`Unavailable`].

#[cfg(feature = "admin")]
pub mod admin;
mod batch;
mod ca_bundle;
mod call;
mod connection;
mod credentials;
mod http;
mod item;
mod pool;
mod receipt;
mod reply;
#[cfg(feature = "secrets")]
pub mod secrets;
mod session;
pub mod throttle;
mod user;

pub use aws_types::SdkConfig;
pub use ca_bundle::{CaBundle, InvalidCaBundle};
pub use call::Unavailable;
pub use connection::Connection;
pub use credentials::Credentials;
pub use http::Http;
pub use session::{NewSession, RotationWrite};

/// The table.
#[derive(Clone, Debug)]
pub struct Store {
    client: aws_sdk_dynamodb::Client,
    table: String,
}

impl Store {
    /// The table of that name, reached as `config` says. Opens no connection yet.
    #[must_use]
    pub fn new(config: &SdkConfig, table: &str) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(config)
            .interceptor(receipt::Receipt)
            .retry_classifier(receipt::OneSignatureMore)
            .build();
        Self {
            client: aws_sdk_dynamodb::Client::from_conf(config),
            table: table.to_owned(),
        }
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }
}
