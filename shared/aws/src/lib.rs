//! Access to AWS: connections and trusted roots, checks of responses, retries, and secrets in Secrets Manager.

mod ca_bundle;
mod call;
mod connection;
mod http;
mod pool;
mod response;
#[cfg(feature = "secrets")]
pub mod secrets;
mod unavailable;

pub use aws_credential_types::Credentials;
pub use aws_types::SdkConfig;
pub use ca_bundle::{CaBundle, InvalidCaBundle};
pub use call::{SignatureRetryClassifier, send};
pub use connection::Connection;
pub use http::{Http, operator_client};
pub use unavailable::{Fault, Unavailable};
