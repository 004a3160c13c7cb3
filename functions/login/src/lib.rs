//! `POST /auth/login`: checks a password, opens a session and sets its cookies.

mod settings;

use gatecrumb_passwords::{Hasher, HashingFailed, Password, StoredHash, Verdict};
use gatecrumb_store::{Account, NewSession, PhcString, Store, Unavailable, User, Username};
use gatecrumb_tokens::{SessionId, Signer, TokenId, Verifier, random};
use gatecrumb_web::{
    Answer, Config, ConfigError, Environment, Function, Issuer, Problem, Refusal, Request, SigningConfig,
    UserView,
};
use serde::{Deserialize, Serialize};

const EXPECTED: &str =
    "The body is {\"username\": \"…\", \"password\": \"…\"}, both of them texts, and nothing else.";

/// The function.
pub struct Login {
    config: Config,
    signer: Signer,
    verifier: Verifier,
    store: Store,
    hasher: Hasher,
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
        let cost = settings::password_cost(&env)?;
        // Off this thread, which goes on with the connections meanwhile.
        let hasher = tokio::task::spawn_blocking(move || Hasher::new(cost, 1));
        let (signer, (), hasher) = tokio::join!(signing.signer(&config), config.connection.warm_up(), hasher);
        let hasher = hasher.unwrap_or_else(|_| Hasher::new(cost, 1));
        Ok(Self::new(config, signer?, hasher))
    }

    /// Made of its parts.
    #[must_use]
    pub fn new(config: Config, signer: Signer, hasher: Hasher) -> Self {
        Self {
            verifier: config.verifier(),
            store: config.store(),
            config,
            signer,
            hasher,
        }
    }

    /// Counts the hashes that it computes.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// The account of these credentials. Whatever is wrong with them costs one hash and says the same.
    async fn authenticate(&self, credentials: &Credentials) -> Result<(Account, Password, bool), Problem> {
        let account = match Username::parse(&credentials.username) {
            Ok(username) => self.find(&username).await?,
            Err(_) => None,
        };
        let password = Password::presented(&credentials.password);
        let stored = account
            .as_ref()
            .map(|account| stored_hash(&account.password_hash));
        let verdict = self
            .hasher
            .verify(password.clone(), stored)
            .await
            .map_err(hashing_failed)?;
        match (account, verdict) {
            (Some(account), Verdict::Match { outdated }) => Ok((account, password, outdated)),
            (Some(account), Verdict::Unusable(error)) => {
                tracing::error!(event = "password_hash_unusable", user = account.user.id.as_str(), %error);
                Err(Problem::InvalidCredentials)
            }
            (_, Verdict::Mismatch | Verdict::Match { .. } | Verdict::Unusable(_)) => {
                Err(Problem::InvalidCredentials)
            }
        }
    }

    async fn find(&self, username: &Username) -> Result<Option<Account>, Unavailable> {
        match self.store.find_login(username).await? {
            Some(user) => self.store.account(&user).await,
            None => Ok(None),
        }
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
    async fn rehash(&self, request: &Request, account: &Account, password: Password) {
        let rehashed = async {
            let salt = random::bytes().map_err(|error| error.to_string())?;
            let new: StoredHash = self
                .hasher
                .hash(password, salt)
                .await
                .map_err(|error| error.to_string())?;
            let new = PhcString::from(new.expose().to_owned());
            let stored = self
                .store
                .rehash(&account.user.id, &account.password_hash, &new, request.now);
            stored.await.map_err(|error| error.to_string())
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
        let (account, password, outdated) = self.authenticate(&credentials).await?;
        let user = &account.user;
        if !user.active {
            return Err(Problem::AccountDisabled.into());
        }
        let rehash = async {
            if outdated {
                self.rehash(&request, &account, password).await;
            }
            Ok(())
        };
        let (session, (), ()) = tokio::try_join!(
            self.open_session(&request, user),
            self.end_previous_session(&request),
            rehash,
        )?;
        tracing::info!(
            event = "signed_in",
            user = user.id.as_str(),
            session = session.id.fingerprint()
        );
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

fn stored_hash(phc: &PhcString) -> StoredHash {
    phc.expose().to_owned().into()
}

fn hashing_failed(error: HashingFailed) -> Problem {
    Problem::internal(error)
}
