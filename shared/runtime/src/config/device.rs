//! `DEVICE_KEYS_SECRET` or `DEVICE_KEYS`, for a function that issues device cookies. These keys do not sign tokens.

use gatecrumb_aws::Connection;
use gatecrumb_tokens::device::DeviceKeys;
use zeroize::Zeroizing;

use super::key_source::KeySource;
use crate::{ConfigError, Environment};

const SECRET: &str = "DEVICE_KEYS_SECRET";
const INLINE: &str = "DEVICE_KEYS";
const FORM: &str =
    "it must hold {\"1\":\"…\"}: versions from 1 to 999, each with 32 to 256 visible ASCII characters";

/// Where the keys of device cookies are.
pub struct Devices(KeySource);

/// Refuses inline keys on Lambda.
pub fn read(env: &Environment) -> Result<Devices, ConfigError> {
    match (env.text(SECRET), env.text(INLINE)) {
        (_, Some(_)) if env.is_lambda() => {
            let help = "leave it out and set DEVICE_KEYS_SECRET: everybody who can read the function's configuration \
                        could read the keys";
            Err(ConfigError::new(INLINE, "is set on Lambda", help))
        }
        (Some(_), Some(_)) => {
            let help = "keep one of the two; on AWS keep DEVICE_KEYS_SECRET";
            Err(ConfigError::new(
                INLINE,
                "is set together with DEVICE_KEYS_SECRET",
                help,
            ))
        }
        (Some(secret), None) => Ok(Devices(KeySource::Secret(SECRET, secret))),
        (None, Some(keys)) => Ok(Devices(KeySource::Inline(INLINE, Zeroizing::new(keys)))),
        (None, None) => {
            let help = "set it to the id of the secret that the template makes, or set DEVICE_KEYS to {\"1\":\"…\"} \
                        with 32 to 256 random characters";
            Err(ConfigError::new(SECRET, "is not set", help))
        }
    }
}

impl Devices {
    /// Fetches the keys.
    pub async fn keys(&self, connection: &Connection) -> Result<DeviceKeys, ConfigError> {
        let json = self.0.fetch(connection).await?;
        DeviceKeys::from_json(&json).map_err(|error| {
            let problem = format!("is invalid: it {error}");
            ConfigError::new(self.0.variable(), problem, FORM)
        })
    }
}
