//! `POST /auth/login`: checks a password, opens a session and sets its cookies.

mod authenticate;
mod settings;

pub use settings::{limits, password_cost};

use std::{collections::BTreeSet, sync::Arc};

use futures_util::future::try_join_all;
use gatecrumb_domain::{DeviceId, Randomness, SessionId, TokenId, User, random_bytes, throttle::Limits};
use gatecrumb_passwords::{Hasher, Password};
use gatecrumb_runtime::{Config, ConfigError, DeviceConfig, Environment, Host, SigningConfig};
use gatecrumb_store::{Credentials as Stored, NewSession, Store};
use gatecrumb_tokens::{
    Signer, Verifier,
    cookies::{CookieKind, PresentedCookies},
    device::{self, DeviceKeys},
};
use gatecrumb_web::{
    Handler, HttpService, Issuer, Problem, Refusal, Request, Response, UserView,
    audit::{Action, Subject},
};
use serde::{Deserialize, Serialize};

use authenticate::{Authenticated, Visitor, forgive};

const EXPECTED: &str =
    "The body is {\"username\": \"…\", \"password\": \"…\"}, both of them texts, and nothing else.";

/// The name, beside which the attempt is counted. What comes after the hash may open more.
const CALLS_AT_ONCE: usize = 2;

/// The function.
pub struct Login {
    config: Config,
    randomness: Arc<dyn Randomness>,
    signer: Signer,
    verifier: Verifier,
    devices: DeviceKeys,
    store: Store,
    hasher: Hasher,
    limits: Option<Limits>,
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
    /// Seconds until the access token runs out.
    expires_in: u64,
}

/// Reads the configuration; then, beside one another, fetches the signing keys and the device keys, connects to
/// DynamoDB and touches the hash's memory.
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
    let proxy = config.proxy.take();
    let handler = Login {
        verifier: config.verifier(),
        store,
        config,
        signer: signer?,
        devices: devices?,
        hasher,
        limits,
        randomness: host.randomness,
    };
    handler.config.log_capped();
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Login {
    /// Counts the hashes that it computes.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    async fn open_session(&self, request: &Request, user: &User) -> Result<NewSession, Problem> {
        let now = request.now;
        let session = NewSession {
            user: user.id.clone(),
            id: SessionId::random(&*self.randomness)?,
            root: TokenId::random(&*self.randomness)?,
            // Read before the hash: whatever ended all sessions since then ends this one as well.
            epoch: user.session_epoch,
            created_at: now,
            expires_at: now + self.config.session_idle,
            absolute_expires_at: now + self.config.session_max,
            user_agent: request.user_agent(),
            ip: request.client_address.map(|ip| ip.to_string()),
        };
        self.store.open_session(&session).await?;
        Ok(session)
    }

    /// Ends every session that this browser shows a good refresh token of.
    async fn end_previous_session(
        &self,
        request: &Request,
        cookies: &PresentedCookies,
    ) -> Result<(), Problem> {
        let tokens = self
            .verifier
            .refresh_tokens(&cookies.refresh)
            .unexpired(request.now);
        let previous: BTreeSet<_> = tokens.into_iter().map(|token| (token.sub, token.sid)).collect();
        let end = previous
            .iter()
            .map(|(user, session)| self.store.end_session(user, session));
        try_join_all(end).await?;
        Ok(())
    }

    /// Makes this browser a known device of the account, or lets it be one for longer.
    fn device_cookie(&self, request: &Request, visitor: &Visitor) -> Result<String, Problem> {
        let value = self.devices.issue(
            &visitor.name,
            &visitor.browser,
            DeviceId::random(&*self.randomness)?,
            request.now,
        );
        let policy = &self.config.cookies;
        Ok(policy.set(CookieKind::Device, &value, device::LIFETIME)?)
    }

    /// Stores a hash of today's cost. Best effort: a failure here must not fail the sign-in.
    async fn rehash(&self, stored: &Stored, password: Password) {
        let rehashed = async {
            let salt = random_bytes(&*self.randomness).map_err(|error| error.to_string())?;
            let new = self.hasher.hash(password, salt).await;
            let new = new.map_err(|error| error.to_string())?;
            let replaced = self.store.rehash(&stored.user.id, &stored.password_hash, &new);
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
        request.refuse_cross_origin(&self.config.allowed_origins)?;
        request.refuse_cross_site_cookies(self.config.cookies.same_site())?;
        let credentials: Credentials = request.json(EXPECTED)?;
        let cookies = request.cookies(&self.config.cookies);
        let Authenticated {
            stored,
            password,
            outdated,
            attempt,
            verification,
            visitor,
        } = self.authenticate(&request, &credentials, &cookies).await?;
        let user = &stored.user;
        if !user.active {
            tokio::join!(forgive(attempt.as_ref()), verification.wiped());
            let user = Some(&user.id);
            request.audit(
                Action::SignInDisabled,
                Subject {
                    user,
                    device: Some(visitor.kind()),
                    ..Subject::default()
                },
            );
            return Err(Problem::AccountDisabled.into());
        }
        let rehash = async {
            if outdated {
                self.rehash(&stored, password).await;
            }
        };
        // All of them to their ends: a session that cannot be opened must not leave the attempt counted.
        let (session, ended, (), (), ()) = tokio::join!(
            self.open_session(&request, user),
            self.end_previous_session(&request, &cookies),
            forgive(attempt.as_ref()),
            rehash,
            verification.wiped(),
        );
        let session = session?;
        ended?;
        let subject = Subject {
            device: Some(visitor.kind()),
            ..Subject::session(&user.id, &session.id)
        };
        request.audit(Action::SignedIn, subject);
        let issuer = Issuer {
            cookies: &self.config.cookies,
            access_lifetime: self.config.rule.access_lifetime,
            signer: &self.signer,
            randomness: &*self.randomness,
            user: &user.id,
            session: &session.id,
            now: request.now,
            session_ends_at: session.expires_at.min(session.absolute_expires_at),
        };
        let (access, lifetime) = issuer.access(user.roles.clone())?;
        let [refresh, hint] = issuer.refresh(session.root)?;
        let device = self.device_cookie(&request, &visitor)?;
        let body = SignedIn {
            user: user.into(),
            expires_in: lifetime.as_secs(),
        };
        Ok(Response::json(&body)?.with_cookies(vec![access, refresh, hint, device]))
    }
}
