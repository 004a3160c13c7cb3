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
use gatecrumb_domain::{AuthenticationMethods, PasswordHash, Randomness, UserId, random_bytes};
use gatecrumb_passwords::{Hasher, Password};
use gatecrumb_runtime::{ConfigError, Environment, Host, config};
use gatecrumb_web::{AllowedOrigins, Handler, HttpService, Refusal, Request, Response, UserView, sign_in};
use serde::{Deserialize, Serialize};

use authenticate::Authenticated;

const EXPECTED: &str = "Send {\"username\": \"…\", \"password\": \"…\"}, both strings, and nothing else.";

/// The username lookup and the throttle run at the same time. Calls after the hash may open more connections.
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

/// Reads the configuration. Then, concurrently, fetches the signing keys and the device keys, connects to DynamoDB and
/// touches the memory for hashes.
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Login>, ConfigError> {
    let connection = config::aws::read(&env, &host)?;
    let table = config::table::read(&env)?;
    let tokens = config::tokens::read(&env)?;
    let signing = config::signing::read(&env)?;
    let devices = config::device::read(&env)?;
    let allowed_origins = config::origins::read(&env)?;
    let policy = config::cookies::read(&env)?;
    let sessions = config::sessions::read(&env)?;
    let proxy = config::proxy::read(&env)?;
    let cost = password_cost(&env)?;
    let limits = limits(&env)?;
    // Polled in this order: the slowest that needs this thread the least is first.
    let (hasher, devices, signer, store) = tokio::join!(
        Hasher::start(cost, host.hash_threads),
        devices.keys(&connection),
        signing.signer(&connection, &tokens),
        table.connect(&connection, CALLS_AT_ONCE),
    );
    let sign_in = SignIn {
        store: store.clone(),
        verifier: tokens.verifier(),
        cookies: SessionCookies {
            policy,
            access_lifetime: sessions.policy.access_lifetime,
            signer: signer?,
            randomness: Arc::clone(&host.randomness),
        },
        devices: devices?,
        session_idle: sessions.idle,
        session_max: sessions.max,
    };
    let handler = Login {
        allowed_origins,
        throttle: Throttle::new(store, limits),
        hasher,
        sign_in,
        randomness: host.randomness,
    };
    sessions.log_capped();
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Login {
    /// Tests read the number of hashes from it.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Replaces the verified hash with one of the configured cost. Best effort: a failure here must not fail the sign-in.
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
            return Err(sign_in::ACCOUNT_DISABLED.into());
        }
        let rehash = async {
            if outdated {
                self.rehash(&user.id, &found.password_hash, password).await;
            }
        };
        // Not `try_join!`: if the session cannot be opened, the attempt must still be released from the counters.
        let (signed_in, (), (), ()) = tokio::join!(
            self.sign_in.complete(
                user,
                AuthenticationMethods::password(),
                visitor,
                &cookies,
                request.now
            ),
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
