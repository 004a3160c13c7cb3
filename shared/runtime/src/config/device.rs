use gatecrumb_aws::secrets;
use gatecrumb_tokens::device::DeviceKeys;
use zeroize::Zeroizing;

use super::{Config, ConfigError, Environment};

const SECRET: &str = "DEVICE_KEYS_SECRET";
const INLINE: &str = "DEVICE_KEYS";
const FORM: &str =
    "it must hold {\"1\":\"…\"}: versions from 1 to 999, each with 32 to 256 visible ASCII characters";

/// Where a function that makes devices known finds its keys. They sign no token.
pub struct DeviceConfig(Source);

enum Source {
    /// A name or ARN in Secrets Manager.
    Secret(String),
    Inline(Zeroizing<String>),
}

impl DeviceConfig {
    /// Reads `DEVICE_KEYS_SECRET` or, anywhere but on Lambda itself, `DEVICE_KEYS`.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        match (env.text(SECRET), env.text(INLINE)) {
            (_, Some(_)) if env.is_lambda() => {
                let help = "leave it out and set DEVICE_KEYS_SECRET: whoever may read the function's configuration \
                            could read the keys";
                Err(ConfigError::new(INLINE, "is set on Lambda", help))
            }
            (Some(_), Some(_)) => {
                let help = "keep one of the two; on AWS keep DEVICE_KEYS_SECRET";
                Err(ConfigError::new(INLINE, "is set beside DEVICE_KEYS_SECRET", help))
            }
            (Some(secret), None) => Ok(Self(Source::Secret(secret))),
            (None, Some(keys)) => Ok(Self(Source::Inline(Zeroizing::new(keys)))),
            (None, None) => {
                let help = "set it to the id of the secret that the template makes, or set DEVICE_KEYS to \
                            {\"1\":\"…\"} with 32 to 256 random characters";
                Err(ConfigError::new(SECRET, "is not set", help))
            }
        }
    }

    /// Fetches the keys.
    pub async fn keys(&self, config: &Config) -> Result<DeviceKeys, ConfigError> {
        let (variable, json) = match &self.0 {
            Source::Inline(json) => (INLINE, json.clone()),
            Source::Secret(id) => {
                let json = secrets::read(&config.connection.secrets_manager(), id)
                    .await
                    .map_err(|error| {
                        let help = "check that it exists in this region and that the function may read it";
                        ConfigError::new(SECRET, format!("cannot be read ({error})"), help)
                    })?;
                (SECRET, json)
            }
        };
        DeviceKeys::from_json(&json)
            .map_err(|error| ConfigError::new(variable, format!("is not usable, as it {error}"), FORM))
    }
}
