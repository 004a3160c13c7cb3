//! The audit log: one line for each outcome of a sign-in or a session, with the fields that `docs/logging.md` lists.

use gatecrumb_domain::{SessionId, UserId};

use crate::Client;

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// A sign-in.
    SignedIn,
    /// Unknown user or wrong password.
    SignInFailed,
    /// An attempt that the throttle denied.
    SignInThrottled,
    /// The correct password of a disabled user.
    SignInDisabled,
    /// A refresh, with or without a rotation.
    Refreshed,
    /// The current refresh token was presented again, more than one access lifetime after its first use.
    RefreshRepeated,
    /// A superseded refresh token ended its session.
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

    /// Whether an operator should investigate it.
    fn is_suspicious(self) -> bool {
        matches!(self, Self::RefreshRepeated | Self::SessionReused)
    }
}

/// Whether the browser of a sign-in has a device cookie for the name.
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

/// The user and session that an action concerns, as far as they are known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The user.
    pub user: Option<&'a UserId>,
    /// Without a verified user: a keyed hash of the name as typed.
    pub name_hash: Option<&'a str>,
    /// The session. Only its fingerprint is logged.
    pub session: Option<&'a SessionId>,
    /// Only for a sign-in.
    pub device: Option<Device>,
}

impl<'a> Subject<'a> {
    /// A session and its user.
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

/// Logs `action`. The caller's span adds the function and the request id.
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
