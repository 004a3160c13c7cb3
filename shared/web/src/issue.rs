//! What a sign-in or a refresh hands to the browser.

use std::time::Duration;

use gatecrumb_domain::{
    AccessClaims, NoRandomness, Randomness, RefreshClaims, Roles, SessionId, Timestamp, TokenId, UserId,
};
use gatecrumb_tokens::{
    MintError, Signer,
    cookies::{CookieKind, CookiePolicy, CookieTooLarge},
};

use crate::Problem;

/// Issues the cookies of one session.
pub struct Issuer<'a> {
    /// Names and attributes of the cookies.
    pub cookies: &'a CookiePolicy,
    /// How long an access token is good for.
    pub access_lifetime: Duration,
    /// Signs the tokens.
    pub signer: &'a Signer,
    /// Draws the tokens' ids.
    pub randomness: &'a dyn Randomness,
    /// Whose session.
    pub user: &'a UserId,
    /// The session.
    pub session: &'a SessionId,
    /// Now.
    pub now: Timestamp,
    /// When the session ends unless it is used before: no token outlives it.
    pub session_ends_at: Timestamp,
}

impl Issuer<'_> {
    /// The access cookie, and for how long it is good.
    pub fn access(&self, roles: Roles) -> Result<(String, Duration), Problem> {
        let expires_at = (self.now + self.access_lifetime).min(self.session_ends_at);
        let claims = AccessClaims {
            sub: self.user.clone(),
            sid: self.session.clone(),
            iat: self.now,
            exp: expires_at,
            jti: TokenId::random(self.randomness)?,
            roles,
        };
        let token = self.signer.access(&claims)?;
        let lifetime = expires_at.since(self.now);
        Ok((
            self.cookies.set(CookieKind::Access, token.expose(), lifetime)?,
            lifetime,
        ))
    }

    /// The refresh cookie, whose token is a child of `parent`, and the hint.
    pub fn refresh(&self, parent: TokenId) -> Result<[String; 2], Problem> {
        let claims = RefreshClaims {
            sub: self.user.clone(),
            sid: self.session.clone(),
            jti: TokenId::random(self.randomness)?,
            parent,
            iat: self.now,
            exp: self.session_ends_at,
        };
        let token = self.signer.refresh(&claims)?;
        let lifetime = self.session_ends_at.since(self.now);
        let policy = self.cookies;
        Ok([
            policy.set(CookieKind::Refresh, token.expose(), lifetime)?,
            policy.set(CookieKind::Hint, "1", lifetime)?,
        ])
    }
}

impl From<NoRandomness> for Problem {
    fn from(error: NoRandomness) -> Self {
        Self::internal(error)
    }
}

impl From<MintError> for Problem {
    fn from(error: MintError) -> Self {
        Self::internal(error)
    }
}

impl From<CookieTooLarge> for Problem {
    fn from(error: CookieTooLarge) -> Self {
        Self::internal(error)
    }
}
