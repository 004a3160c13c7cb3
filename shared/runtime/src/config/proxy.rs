//! `PROXY_SECRET` and `CLIENT_ADDRESS_HEADER`: both or neither.

use gatecrumb_api::Proxy;

use crate::{ConfigError, Environment};

const SECRET: &str = "PROXY_SECRET";
const HEADER: &str = "CLIENT_ADDRESS_HEADER";
const MIN_SECRET_BYTES: usize = 16;

/// `None` if neither is set.
pub fn read(env: &Environment) -> Result<Option<Proxy>, ConfigError> {
    match (env.text(SECRET), env.text(HEADER)) {
        (None, None) => Ok(None),
        (Some(secret), Some(_)) if secret.len() < MIN_SECRET_BYTES => {
            let help = "use at least 16 random characters";
            Err(ConfigError::new(SECRET, "is too short", help))
        }
        (Some(secret), Some(header)) => Proxy::new(&secret, &header).map(Some).ok_or_else(|| {
            let help = "set it to the name of the header in which the proxy passes the visitor's address";
            ConfigError::new(HEADER, format!("is {header:?}"), help)
        }),
        (Some(_), None) => {
            let problem = "is not set while PROXY_SECRET is";
            Err(ConfigError::new(HEADER, problem, "set both, or neither"))
        }
        (None, Some(_)) => {
            let problem = "is not set while CLIENT_ADDRESS_HEADER is";
            let help = "set both, or neither: without a secret, any client could claim any address";
            Err(ConfigError::new(SECRET, problem, help))
        }
    }
}
