//! The command line: `serve` runs everything on this machine; the other commands manage users, sessions and keys,
//! local or on AWS.

mod audit;
pub mod cli;
mod demo;
mod doctor;
pub mod dynamodb;
mod key;
mod listen;
mod local_issuer;
mod local_keys;
mod output;
mod password;
mod private;
pub mod serve;
mod session;
mod state;
mod stop;
mod table;
mod user;

pub use local_keys::LocalKeys;

/// Why a command failed: one or more lines for people, with the fix.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    /// A failure with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

macro_rules! failure_from {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        }
    )*};
}

failure_from!(
    gatecrumb_passwords::HashingFailed,
    gatecrumb_passwords::UnfitPassword,
    gatecrumb_domain::InvalidUsername,
    gatecrumb_aws::Unavailable,
    gatecrumb_admin::CreateError,
    gatecrumb_admin::RenameError,
    gatecrumb_domain::InvalidId,
    gatecrumb_domain::InvalidRole,
    gatecrumb_domain::NoRandomness,
    gatecrumb_runtime::ConfigError,
);
