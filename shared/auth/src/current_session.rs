use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{AccessClaims, Session, Timestamp, User};
use gatecrumb_store::Store;
use gatecrumb_tokens::{Expired, Verifier, cookies::PresentedCookies};

/// Who is asking: the user and the session of a good access token, as the table has them now.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// The user, who is active.
    pub user: User,
    /// The session, which is live.
    pub session: Session,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum NoSession {
    /// No cookie of this deployment came.
    #[error("no cookie came")]
    NotLoggedIn,
    /// There is no good access token, but a refresh may bring one.
    #[error("the access token has expired")]
    AccessExpired,
    /// The access cookie is broken, and nothing else came.
    #[error("the access token cannot be verified")]
    TokenInvalid,
    /// The session is over.
    #[error("the session is over")]
    Ended,
    /// The user may not sign in.
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

/// The newest good access token. Without one, the cookies that came say whether a refresh may help.
fn access_token(
    verifier: &Verifier,
    cookies: &PresentedCookies,
    now: Timestamp,
) -> Result<AccessClaims, NoSession> {
    let found = verifier.access_tokens(&cookies.access);
    let access = found.came;
    match found.newest(now) {
        Some(Ok(token)) => return Ok(token),
        Some(Err(Expired)) => return Err(NoSession::AccessExpired),
        None => {}
    }
    let refresh = verifier.came(&cookies.refresh);
    // A hint beside another deployment's tokens and no refresh token of ours is the other deployment's.
    let hint = cookies.hint && (refresh.ours || !(access.foreign || refresh.foreign));
    Err(match (access.ours, refresh.ours || hint) {
        (_, true) => NoSession::AccessExpired,
        (true, false) => NoSession::TokenInvalid,
        (false, false) => NoSession::NotLoggedIn,
    })
}
