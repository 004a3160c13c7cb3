use gatecrumb_aws::secrets;
use gatecrumb_tokens::{Signer, SigningKeys};
use zeroize::Zeroizing;

use super::{Config, ConfigError, Environment};

const SECRET: &str = "SIGNING_KEYS_SECRET";
const INLINE: &str = "SIGNING_KEYS";
const KID: &str = "SIGNING_KID";

/// What the two functions that sign are told beside [`Config`].
pub struct SigningConfig {
    source: Source,
    kid: String,
}

enum Source {
    /// A name or ARN in Secrets Manager.
    Secret(String),
    Inline(Zeroizing<String>),
}

impl SigningConfig {
    /// Reads `SIGNING_KEYS_SECRET` or `SIGNING_KEYS`, and `SIGNING_KID`. Lambda shows a function's environment to
    /// whoever may read its configuration, so keys inline are refused there.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let source = match (env.text(SECRET), env.text(INLINE)) {
            (Some(_), Some(_)) => {
                let mend = "keep one of the two; on AWS keep SIGNING_KEYS_SECRET";
                return Err(ConfigError::new(
                    INLINE,
                    "is set beside SIGNING_KEYS_SECRET",
                    mend,
                ));
            }
            (Some(secret), None) => Source::Secret(secret),
            (None, Some(_)) if env.is_lambda() => {
                let help = "set SIGNING_KEYS_SECRET instead: whoever may read the function's configuration could sign \
                            with these keys, so replace them as well (gatecrumb key generate --secret)";
                return Err(ConfigError::new(INLINE, "is set on Lambda", help));
            }
            (None, Some(keys)) => Source::Inline(Zeroizing::new(keys)),
            (None, None) => {
                let mend = "set it to the id of the secret that `gatecrumb key generate --secret` made, or set \
                            SIGNING_KEYS";
                return Err(ConfigError::new(SECRET, "is not set", mend));
            }
        };
        let kid = env.required(
            KID,
            "set it to the kid of the key that signs, as `gatecrumb key public` shows it",
        )?;
        Ok(Self { source, kid })
    }

    /// Fetches the keys and makes the signer; the key must be published before it may sign.
    pub async fn signer(&self, config: &Config) -> Result<Signer, ConfigError> {
        let (variable, json) = match &self.source {
            Source::Inline(json) => {
                // Whoever waits for the network goes first.
                tokio::task::yield_now().await;
                (INLINE, json.clone())
            }
            Source::Secret(id) => {
                let json = secrets::read(&config.connection.secrets_manager(), id)
                    .await
                    .map_err(|error| {
                        let mend = "check that it exists in this region and that the function may read it";
                        ConfigError::new(SECRET, format!("cannot be read ({error})"), mend)
                    })?;
                (SECRET, json)
            }
        };
        let keys = SigningKeys::from_json(&json).map_err(|error| {
            let mend = "it must hold what `gatecrumb key generate` made";
            ConfigError::new(
                variable,
                format!("holds a set that is not usable, as it {error}"),
                mend,
            )
        })?;
        if !config.verifying_keys.contains(&self.kid) {
            let mend = "publish the key everywhere before it signs, or tokens would not verify";
            return Err(ConfigError::new(KID, "is not among VERIFYING_KEYS", mend));
        }
        Signer::new(&keys, &self.kid, &config.issuer, &config.audience).ok_or_else(|| {
            let mend = "set it to one of the signing keys' kids, as `gatecrumb key public` shows them";
            ConfigError::new(KID, format!("is not among the keys of {variable}"), mend)
        })
    }
}
