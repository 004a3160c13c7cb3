use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{AccessClaims, Session, Timestamp, User};
use gatecrumb_store::Store;
use gatecrumb_tokens::{Expired, NoAccess, Verifier, cookies::PresentedCookies};

/// The user and the session of a valid access token, as stored now.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// An active user.
    pub user: User,
    /// A live session.
    pub session: Session,
}

/// Why there is no current session.
#[derive(Debug, thiserror::Error)]
pub enum NoSession {
    /// No cookie of this deployment was sent.
    #[error("no cookie was sent")]
    NotLoggedIn,
    /// The access token has expired or is missing, but a refresh may succeed.
    #[error("the access token has expired")]
    AccessExpired,
    /// The access cookie is invalid, and no refresh cookie or hint was sent.
    #[error("the access token cannot be verified")]
    TokenInvalid,
    /// The session has ended, or its user was deleted.
    #[error("the session is over")]
    Ended,
    /// The user is disabled.
    #[error("the account is disabled")]
    AccountDisabled,
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl CurrentSession {
    /// Verifies the access token and reads its user and session in one round trip. Sessions opened before `not_before`
    /// are over.
    pub async fn load(
        verifier: &Verifier,
        store: &Store,
        cookies: &PresentedCookies,
        not_before: Timestamp,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        let token = access_token(verifier, cookies, now)?;
        Self::of(&token, store, not_before, now).await
    }

    /// Reads the user and session of a valid access token in one round trip. [`NoSession::Ended`],
    /// [`NoSession::AccountDisabled`] and [`NoSession::Unavailable`] are its only errors.
    pub async fn of(
        token: &AccessClaims,
        store: &Store,
        not_before: Timestamp,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        let (Some(user), Some(session)) = store.user_and_session(&token.sub, &token.sid).await? else {
            return Err(NoSession::Ended);
        };
        if !user.active {
            return Err(NoSession::AccountDisabled);
        }
        if !session.is_live(&user, not_before, now) {
            return Err(NoSession::Ended);
        }
        Ok(Self { user, session })
    }
}

/// The claims of the newest valid access token. Without one, the other cookies decide whether a refresh may succeed.
fn access_token(
    verifier: &Verifier,
    cookies: &PresentedCookies,
    now: Timestamp,
) -> Result<AccessClaims, NoSession> {
    let found = verifier.access_tokens(&cookies.access);
    let access = found.received;
    match found.newest(now) {
        Some(Ok(token)) => return Ok(token),
        Some(Err(Expired)) => return Err(NoSession::AccessExpired),
        None => {}
    }
    Err(match verifier.without_access(cookies, access) {
        NoAccess::NotLoggedIn => NoSession::NotLoggedIn,
        NoAccess::AccessExpired => NoSession::AccessExpired,
        NoAccess::TokenInvalid => NoSession::TokenInvalid,
    })
}
