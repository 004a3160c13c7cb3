//! Applies the policy of `gatecrumb_domain::rotation` to the session of a presented refresh token.

use std::time::Duration;

use gatecrumb_auth::{
    Client, Holder, IssueError,
    audit::{self, Action, Subject},
};
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{RefreshClaims, Session, Timestamp, User, rotation::Decision};
use gatecrumb_store::EndReused;

use crate::Refresh;

/// How often a decision is made for one session. It is repeated if the session changed in between, or if another of its
/// tokens is in use.
const MAX_ROUNDS: usize = 4;

/// The outcome for one session.
pub(crate) enum Outcome {
    /// One of its tokens was in use.
    Renewed(Renewed),
    /// One of its tokens is in use, but another session has already been renewed for the visitor.
    InUse,
    /// All presented tokens were superseded, so the session was ended.
    Reused,
    /// The session had already ended, or its user may not have it any more.
    Over,
}

/// The visitor's new cookies.
pub(crate) struct Renewed {
    /// `Set-Cookie` values.
    pub(crate) cookies: Vec<String>,
    /// The access token's lifetime.
    pub(crate) expires_in: Duration,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum RotateError {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("the session changes faster than it can be read")]
    Contended,
    #[error(transparent)]
    Issue(#[from] IssueError),
    #[error("the table's condition and the rotation policy disagree")]
    Inconsistent,
}

/// What the table contained for a presented token.
struct Observation {
    decision: Decision,
    /// Before the write.
    session: Option<Session>,
    user: Option<User>,
}

impl Refresh {
    /// One round trip. For a young token it only reads. For any other it writes the session and reads the user
    /// concurrently.
    async fn observe(&self, token: &RefreshClaims, now: Timestamp) -> Result<Observation, RotateError> {
        let policy = &self.policy;
        if policy.is_young(token, now) {
            return self.read(token, now).await;
        }
        let (user, write) = tokio::try_join!(
            self.store.user(&token.sub),
            self.store.advance_session(token, policy, self.session_idle, now),
        )?;
        let (session, written) = (write.before, write.written);
        let decision = policy.decide(session.as_ref().map(|session| &session.state), token, now);
        if written != matches!(decision, Decision::Rotate | Decision::Reissue { .. }) {
            return Err(RotateError::Inconsistent);
        }
        Ok(Observation {
            decision,
            session,
            user,
        })
    }

    async fn read(&self, token: &RefreshClaims, now: Timestamp) -> Result<Observation, RotateError> {
        let (user, session) = self.store.user_and_session(&token.sub, &token.sid).await?;
        let state = session.as_ref().map(|session| &session.state);
        Ok(Observation {
            decision: self.policy.decide(state, token, now),
            session,
            user,
        })
    }

    /// Settles the session of these tokens, which are sorted newest first. `answered` means that another session has already
    /// been renewed for the visitor. Then this session is only ended, if all its tokens are superseded.
    pub(crate) async fn settle(
        &self,
        client: &Client,
        tokens: &[RefreshClaims],
        answered: bool,
        now: Timestamp,
    ) -> Result<Outcome, RotateError> {
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
                return self.renew(client, token, decision, &session, user, now).await;
            }
            // The token is superseded. If an older one of the session is still in use, it is a leftover, not a theft.
            let in_use = |token: &&RefreshClaims| {
                self.policy.decide(Some(&session.state), token, now) != Decision::Reuse
            };
            if let Some(other) = tokens.iter().find(in_use) {
                presented = Some(other);
                continue;
            }
            match self.store.end_reused_session(tokens).await? {
                EndReused::Ended => {
                    audit::record(
                        client,
                        Action::SessionReused,
                        Subject::session(&token.sub, &token.sid),
                    );
                    return Ok(Outcome::Reused);
                }
                EndReused::Gone => return Ok(Outcome::Over),
                // One of them is in use after all: decide again.
                EndReused::InUse(_) => {}
            }
        }
        Err(RotateError::Contended)
    }

    /// Renews the cookies of a token in use. Ends the session instead if it is no longer live.
    async fn renew(
        &self,
        client: &Client,
        token: &RefreshClaims,
        decision: Decision,
        session: &Session,
        user: Option<User>,
        now: Timestamp,
    ) -> Result<Outcome, RotateError> {
        let not_before = self.policy.sessions_not_before;
        let Some(user) = user.filter(|user| session.is_live(user, not_before, now)) else {
            self.store.end_session(&token.sub, &token.sid).await?;
            return Ok(Outcome::Over);
        };
        let rotates = decision != Decision::Keep;
        let idle_end = if rotates {
            now + self.session_idle
        } else {
            session.state.expires_at
        };
        let holder = Holder {
            user: &token.sub,
            session: &token.sid,
            authentication: &session.authentication,
            session_ends_at: idle_end.min(session.state.absolute_expires_at),
        };
        let (access, expires_in) = self.cookies.access(holder, user.roles, now)?;
        let mut cookies = vec![access];
        if rotates {
            cookies.extend(self.cookies.refresh(holder, token.jti.clone(), now)?);
        }
        let action = match decision {
            Decision::Reissue { repeated: true } => Action::RefreshRepeated,
            _ => Action::Refreshed,
        };
        audit::record(client, action, Subject::session(&token.sub, &token.sid));
        Ok(Outcome::Renewed(Renewed { cookies, expires_in }))
    }
}

/// Groups tokens by session. Keeps their order, newest first.
pub(crate) fn by_session(tokens: Vec<RefreshClaims>) -> Vec<Vec<RefreshClaims>> {
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
