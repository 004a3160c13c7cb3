//! `POST /auth/refresh`: the rotation rule at work.

mod rotate;

use std::{sync::Arc, time::Duration};

use gatecrumb_auth::SessionCookies;
use gatecrumb_domain::rotation::RotationPolicy;
use gatecrumb_runtime::{Config, ConfigError, Environment, Host, SigningConfig};
use gatecrumb_store::Store;
use gatecrumb_tokens::{Came, Verifier, cookies::CookieKind};
use gatecrumb_web::{AllowedOrigins, Handler, HttpService, Problem, Refusal, Request, Response};
use serde::Serialize;

use rotate::{Outcome, Renewed, RotateError, by_session};

/// The write and the read of the user.
const CALLS_AT_ONCE: usize = 2;

/// The function.
pub struct Refresh {
    allowed_origins: AllowedOrigins,
    cookies: SessionCookies,
    verifier: Verifier,
    store: Store,
    policy: RotationPolicy,
    session_idle: Duration,
}

#[derive(Serialize)]
struct Refreshed {
    /// Seconds until the access token expires.
    expires_in: u64,
}

/// Reads the configuration, fetches the signing keys and, side by side, connects to DynamoDB.
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Refresh>, ConfigError> {
    let mut config = Config::read(&env)?.on(&host);
    let signing = SigningConfig::read(&env)?;
    let (signer, store) = tokio::join!(signing.signer(&config), config.connect(CALLS_AT_ONCE));
    config.log_capped();
    let proxy = config.proxy.take();
    let handler = Refresh {
        verifier: config.verifier(),
        store,
        cookies: SessionCookies {
            policy: config.cookies,
            access_lifetime: config.rule.access_lifetime,
            signer: signer?,
            randomness: Arc::clone(&host.randomness),
        },
        allowed_origins: config.allowed_origins,
        policy: config.rule,
        session_idle: config.session_idle,
    };
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Handler for Refresh {
    const NAME: &'static str = "refresh";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        request.refuse_cross_origin(&self.allowed_origins)?;
        let policy = &self.cookies.policy;
        let cookies = request.cookies(policy);
        let access = self.verifier.came(&cookies.access);
        let found = self.verifier.refresh_tokens(&cookies.refresh);
        let clear = cleared(access, found.came);
        if !found.came.ours {
            return Err(Problem::NotLoggedIn.clearing_only(policy, clear));
        }
        let (mut renewed, mut reused) = (None, false);
        for tokens in by_session(found.unexpired(request.now)) {
            let answered = renewed.is_some();
            match self
                .settle(&request.client, &tokens, answered, request.now)
                .await?
            {
                Outcome::Renewed(one) => renewed = Some(one),
                Outcome::Reused => reused = true,
                Outcome::InUse | Outcome::Over => {}
            }
        }
        match (renewed, reused) {
            (Some(Renewed { cookies, expires_in }), _) => {
                let body = Refreshed {
                    expires_in: expires_in.as_secs(),
                };
                Ok(Response::json(&body)?.with_cookies(cookies))
            }
            (None, true) => Err(Problem::SessionReused.clearing_only(policy, clear)),
            (None, false) => Err(Problem::SessionEnded.clearing_only(policy, clear)),
        }
    }
}

impl From<RotateError> for Refusal {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::Unavailable(error) => error.into(),
            RotateError::Contended => Problem::Unavailable(error.to_string()).into(),
            RotateError::Issue(error) => error.into(),
            RotateError::Inconsistent => Problem::internal(error).into(),
        }
    }
}

/// What a refusal clears: every cookie, but beside a neighbour's tokens only those that can be none of theirs. The hint
/// goes with the refresh cookie.
fn cleared(access: Came, refresh: Came) -> Vec<CookieKind> {
    let neighbour = access.foreign || refresh.foreign;
    let clears = |kind: &CookieKind| {
        let came = if *kind == CookieKind::Access {
            access
        } else {
            refresh
        };
        !neighbour || (came.ours && !came.foreign)
    };
    CookieKind::ALL.into_iter().filter(clears).collect()
}
