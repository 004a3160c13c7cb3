//! Opens a session once the credentials are verified.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::try_join_all;
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    Authentication, AuthenticationMethods, DeviceId, NoRandomness, SessionId, Timestamp, TokenId, User,
};
use gatecrumb_store::{NewSession, Store};
use gatecrumb_tokens::{
    Verifier,
    cookies::{CookieKind, PresentedCookies},
    device::{self, Browser, DeviceKeys},
};

use crate::{
    Client, Holder, IssueError, SessionCookies,
    audit::{self, Action, Device, Subject},
};

/// Opens sessions.
pub struct SignIn {
    /// The table.
    pub store: Store,
    /// Verifies the refresh tokens of previous sessions.
    pub verifier: Verifier,
    /// Issues the cookies.
    pub cookies: SessionCookies,
    /// Issues the device cookie.
    pub devices: DeviceKeys,
    /// A session ends if it is not refreshed for this long.
    pub session_idle: Duration,
    /// A session ends this long after the sign-in.
    pub session_max: Duration,
}

/// The visitor who signs in.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// The name as typed, in canonical form if it is valid.
    pub name: &'a str,
    /// The browser's device cookies, read for this name.
    pub browser: &'a Browser,
    /// The request's sender.
    pub client: &'a Client,
}

impl Visitor<'_> {
    /// Whether the browser is a known device for the name, for the audit log.
    #[must_use]
    pub fn device(&self) -> Device {
        match self.browser.device() {
            Some(_) => Device::Known,
            None => Device::New,
        }
    }
}

/// An opened session.
#[derive(Debug)]
pub struct SignedIn {
    /// The `Set-Cookie` values: access, refresh, hint, device.
    pub cookies: Vec<String>,
    /// The access token's lifetime.
    pub expires_in: Duration,
}

/// Why no session was opened.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// See [`IssueError`].
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl From<NoRandomness> for SignInError {
    fn from(error: NoRandomness) -> Self {
        Self::Issue(error.into())
    }
}

impl SignIn {
    /// Opens a session for `user`, ends the sessions whose valid refresh tokens the browser sent, and issues the
    /// cookies.
    ///
    /// `user` must have been read before the credentials were checked: a change that ended all sessions since then also
    /// ends this one. `methods` are those whose checks succeeded.
    pub async fn complete(
        &self,
        user: &User,
        methods: AuthenticationMethods,
        visitor: Visitor<'_>,
        presented: &PresentedCookies,
        now: Timestamp,
    ) -> Result<SignedIn, SignInError> {
        // Not `try_join`: a failure of one must not cancel the other's write.
        let (session, ended) = tokio::join!(
            self.open_session(user, Authentication { time: now, methods }, visitor.client),
            self.end_previous_sessions(presented, now),
        );
        let session = session?;
        ended?;
        let subject = Subject {
            device: Some(visitor.device()),
            ..Subject::session(&user.id, &session.id)
        };
        audit::record(visitor.client, Action::SignedIn, subject);
        let holder = Holder {
            user: &user.id,
            session: &session.id,
            authentication: &session.authentication,
            session_ends_at: session.expires_at.min(session.absolute_expires_at),
        };
        let (access, expires_in) = self.cookies.access(holder, user.roles.clone(), now)?;
        let [refresh, hint] = self.cookies.refresh(holder, session.root, now)?;
        let device = self.device_cookie(visitor, now)?;
        Ok(SignedIn {
            cookies: vec![access, refresh, hint, device],
            expires_in,
        })
    }

    async fn open_session(
        &self,
        user: &User,
        authentication: Authentication,
        client: &Client,
    ) -> Result<NewSession, SignInError> {
        let randomness = &*self.cookies.randomness;
        let now = authentication.time;
        let session = NewSession {
            user: user.id.clone(),
            id: SessionId::random(randomness)?,
            root: TokenId::random(randomness)?,
            epoch: user.session_epoch,
            created_at: now,
            authentication,
            expires_at: now + self.session_idle,
            absolute_expires_at: now + self.session_max,
            user_agent: client.user_agent.clone(),
            ip: client.address.map(|address| address.to_string()),
        };
        self.store.open_session(&session).await?;
        Ok(session)
    }

    async fn end_previous_sessions(
        &self,
        presented: &PresentedCookies,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let tokens = self.verifier.refresh_tokens(&presented.refresh).unexpired(now);
        let previous: BTreeSet<_> = tokens.into_iter().map(|token| (token.sub, token.sid)).collect();
        let end = previous
            .iter()
            .map(|(user, session)| self.store.end_session(user, session));
        try_join_all(end).await?;
        Ok(())
    }

    /// Makes this browser a known device of the account, or extends the time for which it is one.
    fn device_cookie(&self, visitor: Visitor<'_>, now: Timestamp) -> Result<String, IssueError> {
        let new = DeviceId::random(&*self.cookies.randomness)?;
        let value = self.devices.issue(visitor.name, visitor.browser, new, now);
        Ok(self
            .cookies
            .policy
            .set(CookieKind::Device, &value, device::LIFETIME)?)
    }
}
