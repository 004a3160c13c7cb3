use gatecrumb_aws::{Connection, secrets};
use zeroize::Zeroizing;

use crate::ConfigError;

/// Where a function reads its secret keys.
pub(super) enum KeySource {
    /// The variable, and its value: a name or ARN in Secrets Manager.
    Secret(&'static str, String),
    /// The variable, and its value: the keys.
    Inline(&'static str, Zeroizing<String>),
}

impl KeySource {
    pub(super) fn variable(&self) -> &'static str {
        match self {
            Self::Secret(variable, _) | Self::Inline(variable, _) => variable,
        }
    }

    /// The keys as JSON.
    pub(super) async fn fetch(&self, connection: &Connection) -> Result<Zeroizing<String>, ConfigError> {
        match self {
            Self::Inline(_, json) => {
                // Parsing the keys must not delay other startup tasks that wait for the network.
                tokio::task::yield_now().await;
                Ok(json.clone())
            }
            Self::Secret(variable, id) => {
                let read = secrets::read(&connection.secrets_manager(), id).await;
                read.map_err(|error| {
                    let help = "check that it exists in this region and that the function may read it";
                    ConfigError::new(variable, format!("cannot be read ({error})"), help)
                })
            }
        }
    }
}
