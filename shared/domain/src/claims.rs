use serde::{Deserialize, Serialize};

use crate::{Roles, SessionId, Timestamp, TokenId, UserId};

/// What an access token says beside `iss` and `aud` (RFC 9068 section 2.2).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccessClaims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// When it was issued.
    pub iat: Timestamp,
    /// When it stops being accepted; never after the session's end.
    pub exp: Timestamp,
    /// The token's own id.
    pub jti: TokenId,
    /// The user's roles as they were when it was issued.
    pub roles: Roles,
}

/// What a refresh token says beside `iss` and `aud`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RefreshClaims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// The token's own id.
    pub jti: TokenId,
    /// The id of the token that it was minted from; the session's root for the first one.
    pub parent: TokenId,
    /// When it was issued: its age decides whether it rotates.
    pub iat: Timestamp,
    /// When it stops being accepted: the session's end as known at issue.
    pub exp: Timestamp,
}
