//! How this project reaches AWS: connections and whom they trust, what counts as an answer, how often a call is
//! repeated, and the secrets in Secrets Manager.

mod ca_bundle;
mod call;
mod connection;
mod http;
mod pool;
mod reply;
#[cfg(feature = "secrets")]
pub mod secrets;
mod unavailable;

pub use aws_credential_types::Credentials;
pub use aws_types::SdkConfig;
pub use ca_bundle::{CaBundle, InvalidCaBundle};
pub use call::{OneSignatureMore, send};
pub use connection::Connection;
pub use http::{Http, operator_client};
pub use unavailable::Unavailable;
