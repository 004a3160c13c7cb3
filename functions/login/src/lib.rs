//! `POST /auth/login`: checks a password, opens a session and sets its cookies.

mod settings;

pub use settings::limits;

use gatecrumb_passwords::{Hasher, HashingFailed, Password, StoredHash, Verdict};
use gatecrumb_store::{
    Account, NewSession, PhcString, Store, User, Username,
    throttle::{Attempt, Limits, Turn},
};
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
    /// Reads the configuration, fetches the signing keys and reserves the hash's memory.
    pub async fn start(env: Environment) -> Result<Self, ConfigError> {
        let config = Config::read(&env)?;
        let signing = SigningConfig::read(&env)?;
        let cost = settings::password_cost(&env)?;
        let limits = limits(&env)?;
        let signer = signing.signer(&config).await?;
        Ok(Self::new(config, signer, Hasher::new(cost, 1), limits))
    }

    /// Made of its parts; without `limits` nothing is throttled.
    #[must_use]
    pub fn new(config: Config, signer: Signer, hasher: Hasher, limits: Option<Limits>) -> Self {
        Self {
            verifier: config.verifier(),
            store: config.store(),
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

    /// The account of these credentials. Whatever is wrong with them costs one hash and says the same.
    async fn authenticate(
        &self,
        name: Option<&Username>,
        password: &Password,
        attempt: Option<&mut Attempt<'_>>,
    ) -> Result<(Account, bool), Problem> {
        let account = self.look_up(name, attempt).await?;
        let stored = account
            .as_ref()
            .map(|account| stored_hash(&account.password_hash));
        let verdict = self
            .hasher
            .verify(password.clone(), stored)
            .await
            .map_err(hashing_failed)?;
        match (account, verdict) {
            (Some(account), Verdict::Match { outdated }) => Ok((account, outdated)),
            (Some(account), Verdict::Unusable(error)) => {
                tracing::error!(event = "password_hash_unusable", user = account.user.id.as_str(), %error);
                Err(Problem::InvalidCredentials)
            }
            (_, Verdict::Mismatch | Verdict::Match { .. } | Verdict::Unusable(_)) => {
                Err(Problem::InvalidCredentials)
            }
        }
    }

    /// The account of that name, in two round trips. The throttle counts the attempt beside them, whether there is
    /// such an account or not.
    async fn look_up(
        &self,
        name: Option<&Username>,
        mut attempt: Option<&mut Attempt<'_>>,
    ) -> Result<Option<Account>, Problem> {
        let user = async {
            match name {
                Some(name) => self.store.find_login(name).await,
                None => Ok(None),
            }
        };
        let turn = async {
            match attempt.as_deref_mut() {
                Some(attempt) => attempt.count_pair().await,
                None => Ok(Turn::Go),
            }
        };
        let (user, turn) = tokio::try_join!(user, turn)?;
        go(turn)?;
        let account = async {
            match &user {
                Some(user) => self.store.account(user).await,
                None => Ok(None),
            }
        };
        let turn = async {
            match attempt {
                Some(attempt) => attempt.count_rest().await,
                None => Ok(Turn::Go),
            }
        };
        let (account, turn) = tokio::try_join!(account, turn)?;
        go(turn)?;
        Ok(account)
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
        let password = Password::presented(&credentials.password);
        let name = Username::parse(&credentials.username).ok();
        // People type passwords there by mistake: neither the table nor the log gets it as it is.
        let pseudonym = self
            .signer
            .pseudonym(name.as_ref().map_or(&credentials.username, Username::as_str));
        let mut attempt = self.limits.map(|limits| {
            self.store
                .attempt(limits, &pseudonym, request.client_address, request.now)
        });
        let (account, outdated) = self
            .authenticate(name.as_ref(), &password, attempt.as_mut())
            .await?;
        let user = &account.user;
        if !user.active {
            forgive(attempt.as_ref()).await;
            return Err(Problem::AccountDisabled.into());
        }
        let rehash = async {
            if outdated {
                self.rehash(&request, &account, password).await;
            }
            Ok(())
        };
        let forgive = async {
            forgive(attempt.as_ref()).await;
            Ok(())
        };
        let (session, (), (), ()) = tokio::try_join!(
            self.open_session(&request, user),
            self.end_previous_session(&request),
            forgive,
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

fn go(turn: Turn) -> Result<(), Problem> {
    match turn {
        Turn::Go => Ok(()),
        Turn::Wait(seconds) => Err(Problem::TooManyAttempts(seconds)),
    }
}

/// The password was right. The sign-in does not hang on the counters.
async fn forgive(attempt: Option<&Attempt<'_>>) {
    if let Some(attempt) = attempt
        && let Err(error) = attempt.succeeded().await
    {
        let cause = error.to_string();
        tracing::warn!(event = "throttle_not_taken_back", cause);
    }
}

fn stored_hash(phc: &PhcString) -> StoredHash {
    phc.expose().to_owned().into()
}

fn hashing_failed(error: HashingFailed) -> Problem {
    Problem::internal(error)
}
