//! `ISSUER`, `AUDIENCE` and `VERIFYING_KEYS`.

use crate::{REFRESH_AUDIENCE_SUFFIX, Verifier, VerifyingKeys};

use super::{ConfigError, Environment};

const MAX_NAME_BYTES: usize = 255;

/// Which tokens are valid.
pub struct Tokens {
    /// `iss`.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// The public keys.
    pub verifying_keys: VerifyingKeys,
}

/// Reads all three variables.
pub fn read(env: &Environment) -> Result<Tokens, ConfigError> {
    let issuer = name(env, "ISSUER")?.ok_or_else(|| {
        let help = "set it to a stable name of your choice, such as https://example.com";
        ConfigError::new("ISSUER", "is not set", help)
    })?;
    let audience = name(env, "AUDIENCE")?.unwrap_or_else(|| issuer.clone());
    if audience.ends_with(REFRESH_AUDIENCE_SUFFIX) {
        let problem = format!("ends with {REFRESH_AUDIENCE_SUFFIX}");
        let help = "choose another audience: refresh tokens use this suffix";
        return Err(ConfigError::new("AUDIENCE", problem, help));
    }
    Ok(Tokens {
        issuer,
        audience,
        verifying_keys: verifying_keys(env)?,
    })
}

/// Reads only `VERIFYING_KEYS`.
pub fn verifying_keys(env: &Environment) -> Result<VerifyingKeys, ConfigError> {
    const HELP: &str = "set it to what `gatecrumb key public` prints";
    let json = env.required("VERIFYING_KEYS", HELP)?;
    VerifyingKeys::from_json(&json)
        .map_err(|error| ConfigError::new("VERIFYING_KEYS", error.to_string(), HELP))
}

impl Tokens {
    /// A verifier for these tokens.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::new(&self.verifying_keys, &self.issuer, &self.audience)
    }
}

/// The values of `iss` and `aud` have a maximum length so that tokens fit into cookies.
fn name(env: &Environment, variable: &'static str) -> Result<Option<String>, ConfigError> {
    let Some(text) = env.text(variable) else {
        return Ok(None);
    };
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if text.len() > MAX_NAME_BYTES || !text.bytes().all(plain) {
        let help = "use 1 to 255 visible ASCII characters without quotes and backslashes";
        return Err(ConfigError::new(variable, "is not valid in a token", help));
    }
    Ok(Some(text))
}
