//! `GET /auth/jwks.json`: the public keys, for services that verify access tokens themselves (RFC 7517 section 5).

use std::time::Duration;

use gatecrumb_runtime::{ConfigError, Environment, Host, config};
use gatecrumb_web::{Cache, Handler, HttpService, Refusal, Request, Response};

/// How long a cache may serve the public keys. A new key must be published for longer before it signs, and a removed key
/// is trusted for this long.
pub const MAX_AGE: Duration = Duration::from_secs(300);

/// The function.
pub struct Jwks {
    body: String,
    cache: Cache,
}

/// Reads the public keys. Opens no connection.
#[expect(clippy::unused_async, reason = "every `start` has the same signature")]
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Jwks>, ConfigError> {
    let keys = config::tokens::verifying_keys(&env)?;
    let handler = Jwks {
        body: keys.to_json(),
        cache: Cache {
            max_age: MAX_AGE,
            etag: keys.fingerprint(),
        },
    };
    Ok(HttpService::new(handler, host.clock, None))
}

impl Handler for Jwks {
    const NAME: &'static str = "jwks";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        Ok(Response::cacheable(&request, &self.body, &self.cache))
    }
}
