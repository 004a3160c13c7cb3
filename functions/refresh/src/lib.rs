//! `POST /auth/refresh`: the rotation rule at work.

use std::sync::Arc;

use gatecrumb_domain::{Randomness, RefreshClaims, Session, Timestamp, User, rotation::Decision};
use gatecrumb_runtime::{Config, ConfigError, Environment, Host, SigningConfig};
use gatecrumb_store::Store;
use gatecrumb_tokens::{Came, Signer, Verifier, cookies::CookieKind};
use gatecrumb_web::{
    Handler, HttpService, Issuer, Problem, Refusal, Request, Response,
    audit::{Action, Subject},
};
use serde::Serialize;

/// How often a decision is made anew because the session changed between two steps, or because another token of it is
/// the one in use.
const MAX_ROUNDS: usize = 4;

/// The write and the read of the user.
const CALLS_AT_ONCE: usize = 2;

/// The function.
pub struct Refresh {
    config: Config,
    randomness: Arc<dyn Randomness>,
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

/// What became of one session.
enum Outcome {
    /// A token of it was in use.
    Answered(Response),
    /// A token of it is in use, and the visitor has an answer by another session.
    InUse,
    /// All its tokens were superseded; it was ended.
    Reused,
    /// It is over, by other means.
    Over,
}

/// Reads the configuration, fetches the signing keys and beside that connects to DynamoDB.
pub async fn start(env: Environment, host: Host) -> Result<HttpService<Refresh>, ConfigError> {
    let mut config = Config::read(&env)?.on(&host);
    let signing = SigningConfig::read(&env)?;
    let (signer, store) = tokio::join!(signing.signer(&config), config.connect(CALLS_AT_ONCE));
    let proxy = config.proxy.take();
    let handler = Refresh {
        verifier: config.verifier(),
        store,
        config,
        signer: signer?,
        randomness: host.randomness,
    };
    handler.config.log_capped();
    Ok(HttpService::new(handler, host.clock, proxy))
}

impl Refresh {
    /// One round trip: a young token only reads, any other is written and the user read beside it.
    async fn observe(&self, token: &RefreshClaims, now: Timestamp) -> Result<Observation, Problem> {
        let rule = &self.config.rule;
        if rule.is_young(token, now) {
            return self.read(token, now).await;
        }
        let (user, advance) = tokio::try_join!(
            self.store.user(&token.sub),
            self.store
                .advance_session(token, rule, self.config.session_idle, now),
        )?;
        let (session, written) = (advance.before, advance.written);
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

    async fn read(&self, token: &RefreshClaims, now: Timestamp) -> Result<Observation, Problem> {
        let (user, session) = self.store.user_and_session(&token.sub, &token.sid).await?;
        let state = session.as_ref().map(|session| &session.state);
        Ok(Observation {
            decision: self.config.rule.decide(state, token, now),
            session,
            user,
        })
    }

    /// What becomes of a session whose tokens these are, the newest first. `answered`: the visitor has an answer by
    /// another session already, so that this one is only ended if it must be.
    async fn settle(
        &self,
        request: &Request,
        tokens: &[RefreshClaims],
        answered: bool,
    ) -> Result<Outcome, Problem> {
        let (rule, now) = (&self.config.rule, request.now);
        let mut presented = tokens.first();
        for _ in 0..MAX_ROUNDS {
            let Some(token) = presented else { break };
            let Observation {
                decision,
                session,
                user,
            } = if answered {
                self.read(token, now).await?
            } else {
                self.observe(token, now).await?
            };
            let Some(session) = session.filter(|_| decision != Decision::Gone) else {
                return Ok(Outcome::Over);
            };
            if decision != Decision::Reuse {
                if answered {
                    return Ok(Outcome::InUse);
                }
                return self.answer_by(request, token, decision, &session, user).await;
            }
            // It is superseded. An older one of the same session may be in use: a leftover is no sign of theft.
            let in_use =
                |token: &&RefreshClaims| rule.decide(Some(&session.state), token, now) != Decision::Reuse;
            if let Some(other) = tokens.iter().find(in_use) {
                presented = Some(other);
                continue;
            }
            match self.store.end_reused_session(tokens).await? {
                Ok(()) => {
                    request.audit(Action::SessionReused, Subject::session(&token.sub, &token.sid));
                    return Ok(Outcome::Reused);
                }
                Err(None) => return Ok(Outcome::Over),
                // One of them turns out to be in use: decide again.
                Err(Some(_)) => {}
            }
        }
        Err(Problem::Unavailable(
            "the session changes faster than it can be read".to_owned(),
        ))
    }

    /// The answer to a token in use, unless the user is no longer one who may have it.
    async fn answer_by(
        &self,
        request: &Request,
        token: &RefreshClaims,
        decision: Decision,
        session: &Session,
        user: Option<User>,
    ) -> Result<Outcome, Problem> {
        let not_before = self.config.rule.sessions_not_before;
        let Some(user) = user.filter(|user| session.is_live(user, not_before, request.now)) else {
            self.store.end_session(&token.sub, &token.sid).await?;
            return Ok(Outcome::Over);
        };
        let answer = self.refreshed(token, request.now, decision, session, user)?;
        let action = match decision {
            Decision::Reissue { repeated: true } => Action::RefreshRepeated,
            _ => Action::Refreshed,
        };
        request.audit(action, Subject::session(&token.sub, &token.sid));
        Ok(Outcome::Answered(answer))
    }

    fn refreshed(
        &self,
        token: &RefreshClaims,
        now: Timestamp,
        decision: Decision,
        session: &Session,
        user: User,
    ) -> Result<Response, Problem> {
        let rotates = decision != Decision::Keep;
        let state = &session.state;
        let idle_end = if rotates {
            now + self.config.session_idle
        } else {
            state.expires_at
        };
        let issuer = Issuer {
            cookies: &self.config.cookies,
            access_lifetime: self.config.rule.access_lifetime,
            signer: &self.signer,
            randomness: &*self.randomness,
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
        Ok(Response::json(&Refreshed {
            expires_in: lifetime.as_secs(),
        })?
        .with_cookies(cookies))
    }
}

impl Handler for Refresh {
    const NAME: &'static str = "refresh";

    async fn handle(&self, request: Request) -> Result<Response, Refusal> {
        request.refuse_cross_origin(&self.config.allowed_origins)?;
        let policy = &self.config.cookies;
        let now = request.now;
        let cookies = request.cookies(policy);
        let access = self.verifier.came(&cookies.access);
        let found = self.verifier.refresh_tokens(&cookies.refresh);
        let clear = cleared(access, found.came);
        if !found.came.ours {
            return Err(Problem::NotLoggedIn.clearing_only(policy, clear));
        }
        let (mut answer, mut reused) = (None, false);
        for tokens in by_session(found.unexpired(now)) {
            match self.settle(&request, &tokens, answer.is_some()).await? {
                Outcome::Answered(one) => answer = Some(one),
                Outcome::Reused => reused = true,
                Outcome::InUse | Outcome::Over => {}
            }
        }
        match (answer, reused) {
            (Some(answer), _) => Ok(answer),
            (None, true) => Err(Problem::SessionReused.clearing_only(policy, clear)),
            (None, false) => Err(Problem::SessionEnded.clearing_only(policy, clear)),
        }
    }
}

/// The tokens of each session, the newest session first: they come with the newest token first.
fn by_session(tokens: Vec<RefreshClaims>) -> Vec<Vec<RefreshClaims>> {
    let mut sessions: Vec<Vec<RefreshClaims>> = Vec::new();
    for token in tokens {
        let same = |others: &&mut Vec<RefreshClaims>| {
            others
                .first()
                .is_some_and(|other| (&other.sub, &other.sid) == (&token.sub, &token.sid))
        };
        match sessions.iter_mut().find(same) {
            Some(others) => others.push(token),
            None => sessions.push(vec![token]),
        }
    }
    sessions
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
