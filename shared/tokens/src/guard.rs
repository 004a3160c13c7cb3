//! Guards the routes of a service: who sends a request, by the rules of the Lambda authorizers.
//!
//! ```
//! use gatecrumb_tokens::guard::Guard;
//! # fn variable(name: &str) -> Option<String> {
//! #     let keys = gatecrumb_tokens::SigningKeys::from_seed([1; 32]).to_public_json();
//! #     let pairs = [("ISSUER", "https://auth.example.com"), ("VERIFYING_KEYS", &keys),
//! #         ("ALLOWED_ORIGINS", "https://app.example.com")];
//! #     pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
//! # }
//! let guard = Guard::from_env(variable)?; // in a service: |name| std::env::var(name).ok()
//! let request = http::Request::get("/notes").body(()).unwrap();
//! let refusal = guard.check(request.method(), request.headers(), guard.now()).unwrap_err();
//! assert_eq!((refusal.status().as_u16(), refusal.code()), (401, "not_logged_in"));
//! # Ok::<(), gatecrumb_tokens::config::ConfigError>(())
//! ```

mod access;
#[cfg(feature = "axum")]
mod axum;
mod clock;
mod credentials;
#[cfg(feature = "lambda-http")]
mod lambda;
mod refusal;

use std::sync::Arc;

use gatecrumb_domain::{Clock, Timestamp};
use http::{HeaderMap, Method};

use crate::{
    AllowedOrigins, Verifier,
    config::{self, ConfigError, Environment},
    cookies::CookiePolicy,
};

pub use access::Access;
#[cfg(feature = "axum")]
pub use axum::Fresh;
pub use clock::SystemClock;
pub use credentials::Denied;
#[cfg(feature = "lambda-http")]
pub use lambda::{GuardLayer, Guarded};
pub use refusal::Refusal;

/// Which requests a [`Guard`] accepts.
pub struct GuardSettings {
    /// Verifies the tokens of one deployment.
    pub verifier: Verifier,
    /// The names of that deployment's cookies.
    pub cookies: CookiePolicy,
    /// The origins whose pages may send state-changing requests with cookies.
    pub allowed_origins: AllowedOrigins,
}

impl GuardSettings {
    /// Reads the variables that [`Guard::from_env`] names.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            verifier: config::tokens::read(env)?.verifier(),
            cookies: config::cookies::read(env)?,
            allowed_origins: config::origins::read(env)?,
        })
    }
}

/// Decides who sends a request. Clones share the settings.
///
/// It accepts the access cookie, or `Authorization: Bearer` with an access token, never both. A request with cookies
/// that can change state must come from a page of an allowed origin. It reads no database: a session that was ended
/// counts until its access token expires.
#[derive(Clone)]
pub struct Guard {
    settings: Arc<GuardSettings>,
    clock: Arc<dyn Clock>,
}

impl Guard {
    /// A guard with the machine's clock.
    #[must_use]
    pub fn new(settings: GuardSettings) -> Self {
        Self {
            settings: Arc::new(settings),
            clock: Arc::new(SystemClock),
        }
    }

    /// Reads `ISSUER`, `AUDIENCE`, `VERIFYING_KEYS` (a JWK Set), `ALLOWED_ORIGINS`, `COOKIE_NAME`, `COOKIE_DOMAIN`,
    /// `COOKIE_SAMESITE` and `COOKIE_INSECURE`, with the values that the functions have: `docs/configuration.md`
    /// describes them.
    pub fn from_env(
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self, ConfigError> {
        GuardSettings::read(&Environment::new(lookup)).map(Self::new)
    }

    /// Another source of time for [`Self::now`], such as a clock that a test moves.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Who sends the request.
    pub fn check(&self, method: &Method, headers: &HeaderMap, now: Timestamp) -> Result<Access, Refusal> {
        match self.settings.token(method, headers, now) {
            Ok(claims) => Ok(claims.into()),
            Err(denied) => Err(self.settings.refusal(denied, headers)),
        }
    }

    /// [`Self::check`] at [`Self::now`].
    pub fn check_request<B>(&self, request: &http::Request<B>) -> Result<Access, Refusal> {
        self.check(request.method(), request.headers(), self.now())
    }
}
