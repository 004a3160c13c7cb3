//! `POST /auth/login`: checks a password, opens a session and sets its cookies.

mod authenticate;
mod settings;

pub use settings::{limits, password_cost};

use std::sync::Arc;

use gatecrumb_auth::{
    SessionCookies,
    audit::{self, Action, Subject},
    sign_in::SignIn,
    throttle::Throttle,
};
use gatecrumb_domain::{PasswordHash, Randomness, UserId, random_bytes};
use gatecrumb_passwords::{Hasher, Password};
use gatecrumb_runtime::{Config, ConfigError, DeviceConfig, Environment, Host, SigningConfig};
use gatecrumb_web::{AllowedOrigins, Handler, HttpService, Problem, Refusal, Request, Response, UserView};
use serde::{Deserialize, Serialize};

use authenticate::Authenticated;

const EXPECTED: &str =
    "The body is {\"username\": \"…\", \"password\": \"…\"}, both of them texts, and nothing else.";

/// The read of the name, beside which the attempt is counted. What comes after the hash may open more.
const CALLS_AT_ONCE: usize = 2;

/// The function.
pub struct Login {
    allowed_origins: AllowedOrigins,
    throttle: Throttle,
    hasher: Hasher,
    sign_in: SignIn,
    randomness: Arc<dyn Randomness>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    username: String,
    password: String,
}

#[derive(Serialize)]
struct SignedIn<'a> {
    user: UserView<'a>,
    /// Seconds until the access token expires.
    expires_in: u64,
}

/// Reads the configuration; then, side by side, fetches the signing keys and the device keys, connects to DynamoDB and
/// touches the hash's memory.
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Login>, ConfigError> {
    let mut config = Config::read(&env)?.on(&host);
    let signing = SigningConfig::read(&env)?;
    let devices = DeviceConfig::read(&env)?;
    let cost = password_cost(&env)?;
    let limits = limits(&env)?;
    // What takes longest and needs this thread the least goes first.
    let (hasher, devices, signer, store) = tokio::join!(
        Hasher::start(cost, host.hash_threads),
        devices.keys(&config),
        signing.signer(&config),
        config.connect(CALLS_AT_ONCE),
    );
    config.log_capped();
    let proxy = config.proxy.take();
    let sign_in = SignIn {
        store: store.clone(),
        verifier: config.verifier(),
        cookies: SessionCookies {
            policy: config.cookies,
            access_lifetime: config.rule.access_lifetime,
            signer: signer?,
            randomness: Arc::clone(&host.randomness),
        },
        devices: devices?,
        session_idle: config.session_idle,
        session_max: config.session_max,
    };
    let handler = Login {
        allowed_origins: config.allowed_origins,
        throttle: Throttle::new(store, limits),
        hasher,
        sign_in,
        randomness: host.randomness,
    };
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Login {
    /// Counts the hashes that it computes.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Replaces the hash of a password that was just verified by one of today's cost. Best effort: a failure here must
    /// not fail the sign-in.
    async fn rehash(&self, user: &UserId, verified: &PasswordHash, password: Password) {
        let rehashed = async {
            let salt = random_bytes(&*self.randomness).map_err(|error| error.to_string())?;
            let new = self.hasher.hash(password, salt).await;
            let new = new.map_err(|error| error.to_string())?;
            let replaced = self.sign_in.store.rehash(user, verified, &new);
            replaced.await.map_err(|error| error.to_string())
        };
        if let Err(cause) = rehashed.await {
            tracing::warn!(event = "rehash_failed", cause);
        }
    }
}

impl Handler for Login {
    const NAME: &'static str = "login";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        let policy = &self.sign_in.cookies.policy;
        request.refuse_cross_origin(&self.allowed_origins)?;
        request.refuse_cross_site_cookies(policy.same_site())?;
        let credentials: Credentials = request.json(EXPECTED)?;
        let cookies = request.cookies(policy);
        let Authenticated {
            found,
            password,
            outdated,
            permit,
            verification,
            account,
        } = self.authenticate(&request, &credentials, &cookies).await?;
        let user = &found.user;
        let visitor = account.visitor(&request);
        if !user.active {
            tokio::join!(permit.succeeded(), verification.wiped());
            let subject = Subject {
                user: Some(&user.id),
                device: Some(visitor.device()),
                ..Subject::default()
            };
            audit::record(&request.client, Action::SignInDisabled, subject);
            return Err(Problem::AccountDisabled.into());
        }
        let rehash = async {
            if outdated {
                self.rehash(&user.id, &found.password_hash, password).await;
            }
        };
        // All of them to their ends: a session that cannot be opened must not leave the attempt counted.
        let (signed_in, (), (), ()) = tokio::join!(
            self.sign_in.complete(user, visitor, &cookies, request.now),
            permit.succeeded(),
            rehash,
            verification.wiped(),
        );
        let signed_in = signed_in?;
        let body = SignedIn {
            user: user.into(),
            expires_in: signed_in.expires_in.as_secs(),
        };
        Ok(Response::json(&body)?.with_cookies(signed_in.cookies))
    }
}
