//! The rule by which refresh tokens rotate (RFC 9700 section 4.14.2), as a pure decision.
//!
//! A session keeps one value, `current`: the id of the refresh token last seen *in use*. A token that is the
//! child of `current`, or `current` itself, is answered; any other was superseded, and two parties hold copies.
//! Because the token that comes in, and not the one that goes out, becomes `current`, an answer that is lost
//! costs nothing, and tabs that race need no lock.

use std::time::Duration;

use crate::{RefreshClaims, Timestamp, TokenId};

/// What the session's row says of rotation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionState {
    /// The id of the refresh token last seen in use; at first the root that the first token's `parent` names.
    pub current: TokenId,
    /// When the session was opened.
    pub created_at: Timestamp,
    /// When `current` was last written.
    pub rotated_at: Timestamp,
    /// The end of the idle lifetime, moved on by each rotation.
    pub expires_at: Timestamp,
    /// The end that no rotation moves.
    pub absolute_expires_at: Timestamp,
}

impl SessionState {
    /// When the session ends unless it is used before: the earlier of its two ends.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.expires_at.min(self.absolute_expires_at)
    }

    /// The part of [`crate::Session::is_live`] that the row alone decides: neither of its ends has passed, and it was not
    /// opened before `not_before` (`SESSIONS_NOT_BEFORE`).
    #[must_use]
    pub fn is_live(&self, not_before: Timestamp, now: Timestamp) -> bool {
        now < self.ends_at() && self.created_at >= not_before
    }
}

/// What to do with a presented refresh token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The token is the child of `current`: it becomes `current`, and a child of it is minted.
    Rotate,
    /// The token is `current` and old enough to rotate: its child was lost or never used. Mint another one.
    Reissue {
        /// So late after it was first used that somebody else may hold a copy: worth a line in the log.
        repeated: bool,
    },
    /// The token is in use and young: a new access token, and the refresh cookie stays as it is.
    Keep,
    /// The token was superseded: end the session.
    Reuse,
    /// There is no such session any more.
    Gone,
}

/// The rotation rule and its settings.
#[derive(Clone, Copy, Debug)]
pub struct RotationPolicy {
    /// A token younger than this is not rotated. No request may live longer than a third of it (the model's bound).
    pub min_age: Duration,
    /// The lifetime of an access token: a token repeated later than this is reported.
    pub access_lifetime: Duration,
    /// Sessions opened earlier are over.
    pub sessions_not_before: Timestamp,
}

impl RotationPolicy {
    /// Whether the token is too young to rotate. It then needs no write, and otherwise exactly one.
    #[must_use]
    pub fn is_young(&self, token: &RefreshClaims, now: Timestamp) -> bool {
        now.since(token.iat) < self.min_age
    }

    /// Decides on `token`, whose signature and expiry are good, from the row as it was before anything was
    /// written for this request; `None` when there is no row.
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
