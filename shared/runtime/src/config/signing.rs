//! `SIGNING_KEYS_SECRET` or `SIGNING_KEYS`, and `SIGNING_KID`, for a function that signs tokens.

use gatecrumb_aws::Connection;
use gatecrumb_tokens::{Signer, SigningKeys};
use zeroize::Zeroizing;

use super::{key_source::KeySource, tokens::Tokens};
use crate::{ConfigError, Environment};

const SECRET: &str = "SIGNING_KEYS_SECRET";
const INLINE: &str = "SIGNING_KEYS";
const KID: &str = "SIGNING_KID";

/// Where the private keys are, and which of them signs.
pub struct Signing {
    source: KeySource,
    kid: String,
}

/// Refuses inline keys on Lambda, which shows the environment to everybody who can read the function's configuration.
pub fn read(env: &Environment) -> Result<Signing, ConfigError> {
    let source = match (env.text(SECRET), env.text(INLINE)) {
        (Some(_), Some(_)) => {
            let help = "keep one of the two; on AWS keep SIGNING_KEYS_SECRET";
            return Err(ConfigError::new(
                INLINE,
                "is set together with SIGNING_KEYS_SECRET",
                help,
            ));
        }
        (Some(secret), None) => KeySource::Secret(SECRET, secret),
        (None, Some(_)) if env.is_lambda() => {
            let help = "set SIGNING_KEYS_SECRET instead: everybody who can read the function's configuration could sign \
                        with these keys, so replace them too (gatecrumb key generate --secret)";
            return Err(ConfigError::new(INLINE, "is set on Lambda", help));
        }
        (None, Some(keys)) => KeySource::Inline(INLINE, Zeroizing::new(keys)),
        (None, None) => {
            let help = "set it to the id of the secret that `gatecrumb key generate --secret` created, or set \
                        SIGNING_KEYS";
            return Err(ConfigError::new(SECRET, "is not set", help));
        }
    };
    let help = "set it to the kid of the key that signs, as `gatecrumb key public` shows it";
    let kid = env.required(KID, help)?;
    Ok(Signing { source, kid })
}

impl Signing {
    /// Fetches the keys. The key that signs must be in `VERIFYING_KEYS`.
    pub async fn signer(&self, connection: &Connection, tokens: &Tokens) -> Result<Signer, ConfigError> {
        let json = self.source.fetch(connection).await?;
        let variable = self.source.variable();
        let keys = SigningKeys::from_json(&json).map_err(|error| {
            let problem = format!("holds an invalid set: it {error}");
            ConfigError::new(
                variable,
                problem,
                "it must hold what `gatecrumb key generate` made",
            )
        })?;
        if !tokens.verifying_keys.contains(&self.kid) {
            let help = "publish the key everywhere before it signs, or its tokens would not verify";
            return Err(ConfigError::new(KID, "is not among VERIFYING_KEYS", help));
        }
        Signer::new(&keys, &self.kid, &tokens.issuer, &tokens.audience).ok_or_else(|| {
            let help = "set it to one of the signing keys' kids, as `gatecrumb key public` shows them";
            ConfigError::new(KID, format!("is not among the keys of {variable}"), help)
        })
    }
}
