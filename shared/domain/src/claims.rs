use serde::{Deserialize, Serialize};

use crate::{Acr, AuthenticationMethods, Roles, SessionId, Timestamp, TokenId, UserId};

/// The claims of an access token except `iss` and `aud` (RFC 9068 section 2.2, with `auth_time`, `acr` and `amr` of its
/// section 2.2.1).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccessClaims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// When it was issued.
    pub iat: Timestamp,
    /// When it expires: not later than the session.
    pub exp: Timestamp,
    /// The token's own id.
    pub jti: TokenId,
    /// The user's roles at issue.
    pub roles: Roles,
    /// When the user signed in, which no refresh changes.
    pub auth_time: Timestamp,
    /// How the user signed in (RFC 8176).
    pub amr: AuthenticationMethods,
    /// The assurance level of `amr`.
    pub acr: Acr,
}

/// The claims of a refresh token except `iss` and `aud`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RefreshClaims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// The token's own id.
    pub jti: TokenId,
    /// The id of the token that it was issued for; for the first token, the session's root.
    pub parent: TokenId,
    /// When it was issued. The token's age decides whether it rotates.
    pub iat: Timestamp,
    /// When it expires: the end of the session as known at issue.
    pub exp: Timestamp,
}
