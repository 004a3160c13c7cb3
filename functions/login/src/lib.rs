//! `POST /auth/login`: checks a password, opens a session and sets its cookies.

mod authenticate;
mod settings;

pub use settings::{limits, password_cost};

use gatecrumb_passwords::{Hasher, Password, StoredHash};
use gatecrumb_store::{Credentials as Stored, NewSession, PhcString, Store, User, throttle::Limits};
use gatecrumb_tokens::{SessionId, Signer, TokenId, Verifier, random};
use gatecrumb_web::{
    Answer, Config, ConfigError, Environment, Function, Issuer, Problem, Refusal, Request, SigningConfig,
    UserView,
    audit::{Action, Subject},
};
use serde::{Deserialize, Serialize};

use authenticate::{Authenticated, forgive};

const EXPECTED: &str =
    "The body is {\"username\": \"…\", \"password\": \"…\"}, both of them texts, and nothing else.";

/// The user, beside whom the throttle counts for name and place. What comes after the hash may open two more.
const CALLS_AT_ONCE: usize = 3;

/// The function.
pub struct Login {
    config: Config,
    signer: Signer,
    verifier: Verifier,
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

impl Login {
    /// Reads the configuration; then, beside one another, fetches the signing keys, connects to DynamoDB and
    /// touches the hash's memory.
    pub async fn start(env: Environment) -> Result<Self, ConfigError> {
        let config = Config::read(&env)?;
        let signing = SigningConfig::read(&env)?;
        let cost = password_cost(&env)?;
        let limits = limits(&env)?;
        // What takes longest and needs this thread the least goes first.
        let (hasher, signer, store) = tokio::join!(
            Hasher::start(cost, 1),
            signing.signer(&config),
            config.connect(CALLS_AT_ONCE),
        );
        Ok(Self::new(config, store, signer?, hasher, limits))
    }

    /// Made of its parts; without `limits` nothing is throttled.
    #[must_use]
    pub fn new(config: Config, store: Store, signer: Signer, hasher: Hasher, limits: Option<Limits>) -> Self {
        Self {
            verifier: config.verifier(),
            store,
            config,
            signer,
            hasher,
            limits,
        }
    }

    /// Counts the hashes that it computes.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    async fn open_session(&self, request: &Request, user: &User) -> Result<NewSession, Problem> {
        let now = request.now;
        let session = NewSession {
            user: user.id.clone(),
            id: SessionId::random()?,
            root: TokenId::random()?,
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

    /// Ends the session that this browser had, if it shows a good refresh token of it.
    async fn end_previous_session(&self, request: &Request) -> Result<(), Problem> {
        let cookies = request.cookies(&self.config.cookies);
        let token = self.verifier.newest_refresh(&cookies.refresh).ok();
        if let Some(token) = token.and_then(|token| token.unexpired(request.now).ok()) {
            self.store.end_session(&token.sub, &token.sid).await?;
        }
        Ok(())
    }

    /// Stores a hash of today's cost. The sign-in does not hang on it.
    async fn rehash(&self, stored: &Stored, password: Password) {
        let rehashed = async {
            let salt = random::bytes().map_err(|error| error.to_string())?;
            let new: StoredHash = self
                .hasher
                .hash(password, salt)
                .await
                .map_err(|error| error.to_string())?;
            let new = PhcString::from(new.expose().to_owned());
            let replaced = self.store.rehash(&stored.user.id, &stored.password_hash, &new);
            replaced.await.map_err(|error| error.to_string())
        };
        if let Err(cause) = rehashed.await {
            tracing::warn!(event = "rehash_failed", cause);
        }
    }
}

impl Function for Login {
    const NAME: &'static str = "login";

    fn config(&self) -> &Config {
        &self.config
    }

    async fn answer(&self, request: Request) -> Result<Answer, Refusal> {
        request.refuse_cross_origin(&self.config)?;
        request.refuse_cross_site_cookies(&self.config)?;
        let credentials: Credentials = request.json(EXPECTED)?;
        let Authenticated {
            stored,
            password,
            outdated,
            attempt,
            verification,
        } = self.authenticate(&request, &credentials).await?;
        let user = &stored.user;
        if !user.active {
            tokio::join!(forgive(attempt.as_ref()), verification.wiped());
            let user = Some(&user.id);
            request.audit(
                Action::SignInDisabled,
                Subject {
                    user,
                    ..Subject::default()
                },
            );
            return Err(Problem::AccountDisabled.into());
        }
        let rehash = async {
            if outdated {
                self.rehash(&stored, password).await;
            }
            Ok(())
        };
        let forgive = async {
            forgive(attempt.as_ref()).await;
            Ok(())
        };
        let written = async {
            tokio::try_join!(
                self.open_session(&request, user),
                self.end_previous_session(&request),
                forgive,
                rehash,
            )
        };
        let (written, ()) = tokio::join!(written, verification.wiped());
        let (session, (), (), ()) = written?;
        request.audit(Action::SignedIn, Subject::session(&user.id, &session.id));
        let issuer = Issuer {
            config: &self.config,
            signer: &self.signer,
            user: &user.id,
            session: &session.id,
            now: request.now,
            session_ends_at: session.expires_at.min(session.absolute_expires_at),
        };
        let (access, lifetime) = issuer.access(user.roles.clone())?;
        let [refresh, hint] = issuer.refresh(session.root)?;
        let body = SignedIn {
            user: user.into(),
            expires_in: lifetime.as_secs(),
        };
        Ok(Answer::json(&body)?.with_cookies(vec![access, refresh, hint]))
    }
}
