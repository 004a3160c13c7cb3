//! The policy by which refresh tokens rotate (RFC 9700 section 4.14.2), as a pure decision.
//!
//! A session stores one value, `current`: the id of the refresh token last *used*. The policy accepts the token with
//! that id and the children of that token. Any other token was superseded, so two parties hold copies of one token.
//! The presented token becomes `current`, not the issued one. A lost response therefore has no effect, and concurrent
//! requests of several tabs need no lock.

use std::time::Duration;

use crate::{RefreshClaims, Timestamp, TokenId};

/// The attributes of a session's item that rotation depends on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionState {
    /// The id of the refresh token last used; at first the session's root, which is the first token's `parent`.
    pub current: TokenId,
    /// When the session was opened.
    pub created_at: Timestamp,
    /// When `current` was last written.
    pub rotated_at: Timestamp,
    /// The end of the idle lifetime. Each rotation extends it.
    pub expires_at: Timestamp,
    /// The end of the absolute lifetime. No rotation extends it.
    pub absolute_expires_at: Timestamp,
}

impl SessionState {
    /// When the session expires if it is not used before: the earlier of its two ends.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.expires_at.min(self.absolute_expires_at)
    }

    /// The part of [`crate::Session::is_live`] that does not depend on the user: the session has not expired, and it
    /// was not opened before `not_before` (`SESSIONS_NOT_BEFORE`).
    #[must_use]
    pub fn is_live(&self, not_before: Timestamp, now: Timestamp) -> bool {
        now < self.ends_at() && self.created_at >= not_before
    }
}

/// What to do with a presented refresh token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The token is a child of `current`: make it `current` and issue a child of it.
    Rotate,
    /// The token is `current` and old enough to rotate, so its child was lost or not used yet: issue another child.
    Reissue {
        /// The token was first used more than an access lifetime ago, so somebody else may hold a copy: log a warning.
        repeated: bool,
    },
    /// The token is in use and too young to rotate: issue an access token and keep the refresh cookie.
    Keep,
    /// The token was superseded: end the session.
    Reuse,
    /// The session does not exist or is over.
    Gone,
}

/// The rotation policy with its settings.
#[derive(Clone, Copy, Debug)]
pub struct RotationPolicy {
    /// A younger token is not rotated. No request may take longer than a third of this, the bound of the model
    /// (`tests/model`).
    pub min_age: Duration,
    /// The lifetime of an access token. A token used again after more than this is reported as `repeated`.
    pub access_lifetime: Duration,
    /// Sessions opened earlier are over.
    pub sessions_not_before: Timestamp,
}

impl RotationPolicy {
    /// Whether the token is too young to rotate. If it is, a refresh writes nothing; otherwise it writes exactly once.
    #[must_use]
    pub fn is_young(&self, token: &RefreshClaims, now: Timestamp) -> bool {
        now.since(token.iat) < self.min_age
    }

    /// Decides on `token`, whose signature and expiry have been verified. `session` is the state before any write of
    /// this request, or `None` if there is no such session.
    #[must_use]
    pub fn decide(&self, session: Option<&SessionState>, token: &RefreshClaims, now: Timestamp) -> Decision {
        let Some(session) = session.filter(|session| session.is_live(self.sessions_not_before, now)) else {
            return Decision::Gone;
        };
        let is_current = session.current == token.jti;
        let is_child_of_current = session.current == token.parent;
        match (is_current, is_child_of_current, self.is_young(token, now)) {
            (false, false, _) => Decision::Reuse,
            (_, _, true) => Decision::Keep,
            (false, true, false) => Decision::Rotate,
            (true, _, false) => Decision::Reissue {
                repeated: now.since(session.rotated_at) > self.access_lifetime,
            },
        }
    }
}
