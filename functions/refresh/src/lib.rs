//! `POST /auth/refresh`: rotates refresh tokens and issues access tokens.

mod rotate;

use std::time::Duration;

use gatecrumb_auth::SessionCookies;
use gatecrumb_domain::rotation::RotationPolicy;
use gatecrumb_runtime::{ConfigError, Environment, Host, config};
use gatecrumb_store::Store;
use gatecrumb_tokens::{Received, Verifier, cookies::CookieKind};
use gatecrumb_web::{AllowedOrigins, Handler, HttpService, Problem, Refusal, Request, Response, session};
use serde::Serialize;

use rotate::{Outcome, Renewed, RotateError, by_session};

/// The session is written while the user is read.
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

/// Reads the configuration. Then, concurrently, fetches the signing keys and connects to DynamoDB.
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Refresh>, ConfigError> {
    let connection = config::aws::read(&env, &host)?;
    let table = config::table::read(&env)?;
    let tokens = config::tokens::read(&env)?;
    let signing = config::signing::read(&env)?;
    let allowed_origins = config::origins::read(&env)?;
    let policy = config::cookies::read(&env)?;
    let sessions = config::sessions::read(&env)?;
    let proxy = config::proxy::read(&env)?;
    let (signer, store) = tokio::join!(
        signing.signer(&connection, &tokens),
        table.connect(&connection, CALLS_AT_ONCE),
    );
    let cookies = SessionCookies {
        policy,
        access_lifetime: sessions.policy.access_lifetime,
        signer: signer?,
        randomness: host.randomness,
    };
    sessions.log_capped();
    let handler = Refresh {
        allowed_origins,
        cookies,
        verifier: tokens.verifier(),
        store,
        policy: sessions.policy,
        session_idle: sessions.idle,
    };
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Handler for Refresh {
    const NAME: &'static str = "refresh";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        request.refuse_cross_origin(&self.allowed_origins)?;
        let policy = &self.cookies.policy;
        let cookies = request.cookies(policy);
        let access = self.verifier.classify(&cookies.access);
        let found = self.verifier.refresh_tokens(&cookies.refresh);
        let clear = cleared(access, found.received);
        if !found.received.ours {
            return Err(session::NOT_LOGGED_IN.clearing(policy, clear));
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
            (None, true) => Err(session::SESSION_REUSED.clearing(policy, clear)),
            (None, false) => Err(session::SESSION_ENDED.clearing(policy, clear)),
        }
    }
}

impl From<RotateError> for Refusal {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::Unavailable(error) => error.into(),
            RotateError::Contended => Problem::unavailable(error).into(),
            RotateError::Issue(error) => error.into(),
            RotateError::Inconsistent => Problem::internal(error).into(),
        }
    }
}

/// The cookies that a refusal clears: all of them, unless tokens of another deployment were presented. Then only those that
/// cannot belong to it. The hint is cleared together with the refresh cookie.
fn cleared(access: Received, refresh: Received) -> Vec<CookieKind> {
    let other_deployment = access.foreign || refresh.foreign;
    let clears = |kind: &CookieKind| {
        let received = if *kind == CookieKind::Access {
            access
        } else {
            refresh
        };
        !other_deployment || (received.ours && !received.foreign)
    };
    CookieKind::ALL.into_iter().filter(clears).collect()
}
