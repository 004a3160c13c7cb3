use crate::{Authentication, SessionId, Timestamp, User, rotation::SessionState};

/// A session as stored.
#[derive(Clone, Debug)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// What the rotation policy decides on.
    pub state: SessionState,
    /// When and how its user signed in.
    pub authentication: Authentication,
    /// The user's epoch at sign-in.
    pub epoch: u64,
    /// The browser's `User-Agent` at sign-in, truncated.
    pub user_agent: Option<String>,
    /// The client's IP address at sign-in.
    pub ip: Option<String>,
}

impl Session {
    /// Whether the session is live: its user is active, the user's epoch has not changed since sign-in, the session has
    /// not expired, and it was not opened before `not_before` (`SESSIONS_NOT_BEFORE`). No other code decides this.
    #[must_use]
    pub fn is_live(&self, user: &User, not_before: Timestamp, now: Timestamp) -> bool {
        user.active && self.epoch == user.session_epoch && self.state.is_live(not_before, now)
    }
}
