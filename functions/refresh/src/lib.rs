//! `POST /auth/refresh`: the rotation rule at work.

use gatecrumb_store::{Session, Store, Unavailable, User};
use gatecrumb_tokens::{RefreshClaims, Signer, Timestamp, Verifier, rotation::Decision};
use gatecrumb_web::{
    Answer, Config, ConfigError, Environment, Function, Issuer, Problem, Refusal, Request, SigningConfig,
    audit::{Action, Subject},
};
use serde::Serialize;

/// How often a decision is made anew because the session changed between two steps.
const MAX_ROUNDS: usize = 3;

/// The write and the read of the user.
const CALLS_AT_ONCE: usize = 2;

/// The function.
pub struct Refresh {
    config: Config,
    signer: Signer,
    verifier: Verifier,
    store: Store,
}

#[derive(Serialize)]
struct Refreshed {
    /// Seconds until the access token runs out.
    expires_in: u64,
}

/// What the table said to a presented token.
struct Observation {
    decision: Decision,
    /// The session as it was before.
    session: Option<Session>,
    user: Option<User>,
}

impl Refresh {
    /// Reads the configuration, fetches the signing keys and beside that connects to DynamoDB.
    pub async fn start(env: Environment) -> Result<Self, ConfigError> {
        let config = Config::read(&env)?;
        let signing = SigningConfig::read(&env)?;
        let (signer, store) = tokio::join!(signing.signer(&config), config.connect(CALLS_AT_ONCE));
        Ok(Self::new(config, store, signer?))
    }

    /// Made of its parts.
    #[must_use]
    pub fn new(config: Config, store: Store, signer: Signer) -> Self {
        Self {
            verifier: config.verifier(),
            store,
            config,
            signer,
        }
    }

    /// One round trip: a young token only reads, any other is written and the user read beside it.
    async fn observe(&self, token: &RefreshClaims, now: Timestamp) -> Result<Observation, Problem> {
        let rule = &self.config.rule;
        let (user, session, written) = if rule.is_young(token, now) {
            let (user, session) = self.store.user_and_session(&token.sub, &token.sid).await?;
            (user, session, false)
        } else {
            let (user, advance) = tokio::try_join!(
                self.store.user(&token.sub),
                self.store
                    .advance_session(token, rule, self.config.session_idle, now),
            )?;
            (user, advance.before, advance.written)
        };
        let decision = rule.decide(session.as_ref().map(|session| &session.state), token, now);
        if written != matches!(decision, Decision::Rotate | Decision::Reissue { .. }) {
            return Err(Problem::internal("the table's condition and the rule disagree"));
        }
        Ok(Observation {
            decision,
            session,
            user,
        })
    }

    /// Ends the session of a superseded token. `None` when the token turns out to be in use: decide again.
    async fn end_reused(
        &self,
        request: &Request,
        token: &RefreshClaims,
    ) -> Result<Option<Problem>, Unavailable> {
        match self.store.end_reused_session(token).await? {
            Ok(()) => {
                request.audit(Action::SessionReused, Subject::session(&token.sub, &token.sid));
                Ok(Some(Problem::SessionReused))
            }
            Err(None) => Ok(Some(Problem::SessionEnded)),
            Err(Some(_)) => Ok(None),
        }
    }

    fn refreshed(
        &self,
        token: &RefreshClaims,
        now: Timestamp,
        decision: Decision,
        session: &Session,
        user: User,
    ) -> Result<Answer, Problem> {
        let rotates = decision != Decision::Keep;
        let state = &session.state;
        let idle_end = if rotates {
            now + self.config.session_idle
        } else {
            state.expires_at
        };
        let issuer = Issuer {
            config: &self.config,
            signer: &self.signer,
            user: &token.sub,
            session: &token.sid,
            now,
            session_ends_at: idle_end.min(state.absolute_expires_at),
        };
        let (access, lifetime) = issuer.access(user.roles)?;
        let mut cookies = vec![access];
        if rotates {
            cookies.extend(issuer.refresh(token.jti.clone())?);
        }
        Ok(Answer::json(&Refreshed {
            expires_in: lifetime.as_secs(),
        })?
        .with_cookies(cookies))
    }
}

impl Function for Refresh {
    const NAME: &'static str = "refresh";

    fn config(&self) -> &Config {
        &self.config
    }

    async fn answer(&self, request: Request) -> Result<Answer, Refusal> {
        request.refuse_cross_origin(&self.config)?;
        let policy = &self.config.cookies;
        let now = request.now;
        let cookies = request.cookies(policy).refresh;
        if !cookies.any() {
            return Err(Problem::NotLoggedIn.clearing(policy));
        }
        let token = self
            .verifier
            .newest_refresh(&cookies)
            .ok()
            .and_then(|token| token.unexpired(now).ok());
        let Some(token) = token else {
            return Err(Problem::SessionEnded.clearing(policy));
        };

        for _ in 0..MAX_ROUNDS {
            let Observation {
                decision,
                session,
                user,
            } = self.observe(&token, now).await?;
            match (decision, session) {
                (Decision::Gone, _) | (_, None) => return Err(Problem::SessionEnded.clearing(policy)),
                (Decision::Reuse, Some(_)) if cookies.several() => {
                    // A leftover of another configuration beside a newer cookie is no sign of theft.
                    let session = token.sid.fingerprint();
                    tracing::warn!(event = "superseded_among_several", session);
                    return Err(Problem::SessionEnded.clearing(policy));
                }
                (Decision::Reuse, Some(_)) => {
                    if let Some(problem) = self.end_reused(&request, &token).await? {
                        return Err(problem.clearing(policy));
                    }
                }
                (Decision::Keep | Decision::Rotate | Decision::Reissue { .. }, Some(session)) => {
                    let not_before = self.config.rule.sessions_not_before;
                    let Some(user) = user.filter(|user| session.is_alive(user, not_before, now)) else {
                        self.store.end_session(&token.sub, &token.sid).await?;
                        return Err(Problem::SessionEnded.clearing(policy));
                    };
                    let answer = self.refreshed(&token, now, decision, &session, user)?;
                    let action = match decision {
                        Decision::Reissue { repeated: true } => Action::RefreshRepeated,
                        _ => Action::Refreshed,
                    };
                    request.audit(action, Subject::session(&token.sub, &token.sid));
                    return Ok(answer);
                }
            }
        }
        Err(Problem::Unavailable("the session changes faster than it can be read".to_owned()).into())
    }
}
