//! Who did what to a sign-in or a session: one log line each, all with the same fields, which `docs/logging.md` lists.

use gatecrumb_domain::{SessionId, UserId};

use crate::Client;

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// A sign-in.
    SignedIn,
    /// No such user, or another password.
    SignInFailed,
    /// An attempt that came too soon after others had failed.
    SignInThrottled,
    /// The right password of a disabled user.
    SignInDisabled,
    /// A refresh, whether the token was rotated or not.
    Refreshed,
    /// The current token was presented again long after its first use.
    RefreshRepeated,
    /// A superseded token ended its session.
    SessionReused,
    /// A sign-out.
    SignedOut,
    /// A sign-out that ended all of the user's sessions.
    SignedOutEverywhere,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignInThrottled => "sign_in_throttled",
            Self::SignInDisabled => "sign_in_disabled",
            Self::Refreshed => "refreshed",
            Self::RefreshRepeated => "refresh_repeated",
            Self::SessionReused => "session_reused",
            Self::SignedOut => "signed_out",
            Self::SignedOutEverywhere => "signed_out_everywhere",
        }
    }

    fn succeeded(self) -> bool {
        match self {
            Self::SignedIn
            | Self::Refreshed
            | Self::RefreshRepeated
            | Self::SignedOut
            | Self::SignedOutEverywhere => true,
            Self::SignInFailed | Self::SignInThrottled | Self::SignInDisabled | Self::SessionReused => false,
        }
    }

    /// Whether an operator should look at it.
    fn is_suspicious(self) -> bool {
        matches!(self, Self::RefreshRepeated | Self::SessionReused)
    }
}

/// Whether a sign-in was tried in a browser that has a device cookie for the name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Device {
    /// It has one.
    Known,
    /// It has none.
    New,
}

impl Device {
    fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::New => "new",
        }
    }
}

/// Whom an action concerns, as far as that is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The user.
    pub user: Option<&'a UserId>,
    /// Where there is no user: a keyed hash of the name that was given.
    pub name_hash: Option<&'a str>,
    /// The session; the log gets its fingerprint.
    pub session: Option<&'a SessionId>,
    /// Of a sign-in: whether the browser is known.
    pub device: Option<Device>,
}

impl<'a> Subject<'a> {
    /// A user's session.
    #[must_use]
    pub fn session(user: &'a UserId, session: &'a SessionId) -> Self {
        Self {
            user: Some(user),
            session: Some(session),
            name_hash: None,
            device: None,
        }
    }
}

/// Logs `action`. The caller's span adds the function and the request's id.
pub fn record(client: &Client, action: Action, subject: Subject<'_>) {
    let event = action.name();
    let outcome = if action.succeeded() { "success" } else { "refused" };
    let user = subject.user.map(UserId::as_str);
    let name_hash = subject.name_hash;
    let session = subject.session.map(SessionId::fingerprint);
    let session = session.as_deref();
    let device = subject.device.map(Device::name);
    let address = client.address.map(|address| address.to_string());
    let address = address.as_deref();
    let user_agent = client.user_agent.as_deref();
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                event,
                audit = true,
                outcome,
                user,
                name_hash,
                session,
                device,
                address,
                user_agent
            )
        };
    }
    if action.is_suspicious() {
        line!(warn);
    } else {
        line!(info);
    }
}
