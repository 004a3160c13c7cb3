use crate::{SessionId, Timestamp, User, rotation::SessionState};

/// A session as stored.
#[derive(Clone, Debug)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// What the rotation rule needs to know.
    pub state: SessionState,
    /// The user's epoch at sign-in.
    pub epoch: u64,
    /// The browser as it named itself at sign-in, shortened.
    pub user_agent: Option<String>,
    /// The visitor's address at sign-in.
    pub ip: Option<String>,
}

impl Session {
    /// Whether the session is live: its user is active and still has the epoch that it was opened under, neither of its
    /// ends has passed, and it was not opened before `not_before` (`SESSIONS_NOT_BEFORE`). The one place that decides.
    #[must_use]
    pub fn is_live(&self, user: &User, not_before: Timestamp, now: Timestamp) -> bool {
        user.active && self.epoch == user.session_epoch && self.state.is_live(not_before, now)
    }
}
