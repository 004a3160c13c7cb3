use std::{sync::Arc, time::Duration};

use gatecrumb_domain::{
    AccessClaims, Authentication, NoRandomness, Randomness, RefreshClaims, Roles, SessionId, Timestamp,
    TokenId, UserId,
};
use gatecrumb_tokens::{
    MintError, Signer,
    cookies::{CookieKind, CookiePolicy, CookieTooLarge},
};

/// Issues the cookies of sessions.
pub struct SessionCookies {
    /// The cookies' names and attributes.
    pub policy: CookiePolicy,
    /// The lifetime of an access token, unless the session ends sooner.
    pub access_lifetime: Duration,
    /// Signs the tokens.
    pub signer: Signer,
    /// The source of the tokens' ids.
    pub randomness: Arc<dyn Randomness>,
}

/// The user and the session that cookies are issued for.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The user.
    pub user: &'a UserId,
    /// The session.
    pub session: &'a SessionId,
    /// When and how the user signed in, which every access token repeats.
    pub authentication: &'a Authentication,
    /// When the session ends unless it is refreshed before. No token or cookie outlives it.
    pub session_ends_at: Timestamp,
}

/// Why a cookie could not be issued. No request can cause it.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// See [`NoRandomness`].
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// See [`MintError`].
    #[error(transparent)]
    Mint(#[from] MintError),
    /// See [`CookieTooLarge`].
    #[error(transparent)]
    TooLarge(#[from] CookieTooLarge),
}

impl SessionCookies {
    /// The `Set-Cookie` value of an access token, and its lifetime.
    pub fn access(
        &self,
        holder: Holder<'_>,
        roles: Roles,
        now: Timestamp,
    ) -> Result<(String, Duration), IssueError> {
        let expires_at = (now + self.access_lifetime).min(holder.session_ends_at);
        let claims = AccessClaims {
            sub: holder.user.clone(),
            sid: holder.session.clone(),
            iat: now,
            exp: expires_at,
            jti: TokenId::random(&*self.randomness)?,
            roles,
            auth_time: holder.authentication.time,
            amr: holder.authentication.methods.clone(),
            acr: holder.authentication.methods.acr(),
        };
        let token = self.signer.access(&claims)?;
        let lifetime = expires_at.since(now);
        let cookie = self.policy.set(CookieKind::Access, token.expose(), lifetime)?;
        Ok((cookie, lifetime))
    }

    /// The `Set-Cookie` values of a refresh token, minted from `parent`, and of the hint.
    pub fn refresh(
        &self,
        holder: Holder<'_>,
        parent: TokenId,
        now: Timestamp,
    ) -> Result<[String; 2], IssueError> {
        let claims = RefreshClaims {
            sub: holder.user.clone(),
            sid: holder.session.clone(),
            jti: TokenId::random(&*self.randomness)?,
            parent,
            iat: now,
            exp: holder.session_ends_at,
        };
        let token = self.signer.refresh(&claims)?;
        let lifetime = holder.session_ends_at.since(now);
        Ok([
            self.policy.set(CookieKind::Refresh, token.expose(), lifetime)?,
            self.policy.set(CookieKind::Hint, "1", lifetime)?,
        ])
    }
}
