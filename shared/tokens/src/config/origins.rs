//! `ALLOWED_ORIGINS`.

use crate::AllowedOrigins;

use super::{ConfigError, Environment};

const VARIABLE: &str = "ALLOWED_ORIGINS";

/// The origins whose pages may send state-changing requests.
pub fn read(env: &Environment) -> Result<AllowedOrigins, ConfigError> {
    let list = env.required(
        VARIABLE,
        "list the origins that serve pages, including the API's own, such as https://example.com,https://api.example.com",
    )?;
    AllowedOrigins::parse(&list).map_err(|error| {
        let help = "list exact origins such as https://example.com, separated by commas";
        ConfigError::new(VARIABLE, format!("is invalid: {error}"), help)
    })
}
