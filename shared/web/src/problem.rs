use std::fmt;

use gatecrumb_auth::{IssueError, NoSession, sign_in::SignInError};
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::NoRandomness;
use gatecrumb_tokens::cookies::{CookieKind, CookiePolicy};
use http::StatusCode;

/// Every answer that is not a success. The stable `code` is for programs, the detail for the people who write
/// them; neither tells a stranger which half of a sign-in was wrong.
#[derive(Debug)]
pub enum Problem {
    /// The body is not what the route takes; says what it takes.
    InvalidRequest(&'static str),
    /// The body's media type is not JSON.
    UnsupportedMediaType,
    /// The body is over the bound.
    BodyTooLarge,
    /// No such user, or another password.
    InvalidCredentials,
    /// Too many attempts have failed; seconds until the next one may come.
    TooManyAttempts(u32),
    /// The right password, or a good token, of a user who may not sign in.
    AccountDisabled,
    /// A page of an origin that is not allowed.
    CrossOrigin,
    /// A page of an allowed origin on another site, while cookies stay on their own.
    CrossSiteCookies,
    /// No cookie of ours came.
    NotLoggedIn,
    /// There is no good access token, but a refresh may bring one.
    AccessExpired,
    /// The access cookie is broken, and nothing else came.
    TokenInvalid,
    /// The session is over.
    SessionEnded,
    /// The session was ended because a superseded refresh token came.
    SessionReused,
    /// DynamoDB did not do what it was asked, or not in time.
    Unavailable(String),
    /// A fault of ours.
    Internal(String),
}

/// How a problem is answered.
pub(crate) struct Shape {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: &'static str,
}

impl Problem {
    pub(crate) fn shape(&self) -> Shape {
        let shape = |status, code, detail| Shape { status, code, detail };
        match self {
            Self::InvalidRequest(detail) => shape(StatusCode::BAD_REQUEST, "invalid_request", detail),
            Self::UnsupportedMediaType => shape(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send the body as Content-Type: application/json.",
            ),
            Self::BodyTooLarge => shape(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The body may have 8192 bytes at most.",
            ),
            Self::InvalidCredentials => shape(
                StatusCode::UNAUTHORIZED,
                "invalid_credentials",
                "There is no user with this name and this password.",
            ),
            Self::TooManyAttempts(_) => shape(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                "Too many attempts have failed; try again later.",
            ),
            Self::AccountDisabled => shape(
                StatusCode::FORBIDDEN,
                "account_disabled",
                "This account is disabled.",
            ),
            Self::CrossOrigin => shape(
                StatusCode::FORBIDDEN,
                "cross_origin",
                "This page's origin is not among ALLOWED_ORIGINS.",
            ),
            Self::CrossSiteCookies => shape(
                StatusCode::FORBIDDEN,
                "cross_site_cookies",
                "The page is on another site than this API, so the browser would drop the cookies. Serve both from one \
                 site (a rewrite or a subdomain), or set COOKIE_SAMESITE=none.",
            ),
            Self::NotLoggedIn => shape(StatusCode::UNAUTHORIZED, "not_logged_in", "Nobody is signed in."),
            Self::AccessExpired => shape(
                StatusCode::UNAUTHORIZED,
                "access_expired",
                "Refresh, then ask again.",
            ),
            Self::TokenInvalid => shape(
                StatusCode::UNAUTHORIZED,
                "token_invalid",
                "The access token cannot be verified.",
            ),
            Self::SessionEnded => shape(
                StatusCode::UNAUTHORIZED,
                "session_ended",
                "The session is over; sign in again.",
            ),
            Self::SessionReused => shape(
                StatusCode::UNAUTHORIZED,
                "session_reused",
                "Signed out for safety; sign in again.",
            ),
            Self::Unavailable(_) => shape(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Try again in a moment; nothing was lost.",
            ),
            Self::Internal(_) => shape(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong on our side.",
            ),
        }
    }

    /// What went wrong behind a fault, for the log alone.
    pub(crate) fn cause(&self) -> Option<&str> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(cause),
            Self::InvalidRequest(_)
            | Self::UnsupportedMediaType
            | Self::BodyTooLarge
            | Self::InvalidCredentials
            | Self::TooManyAttempts(_)
            | Self::AccountDisabled
            | Self::CrossOrigin
            | Self::CrossSiteCookies
            | Self::NotLoggedIn
            | Self::AccessExpired
            | Self::TokenInvalid
            | Self::SessionEnded
            | Self::SessionReused => None,
        }
    }

    /// Seconds after which the same request may fare better.
    pub(crate) fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Unavailable(_) => Some(1),
            Self::TooManyAttempts(seconds) => Some(*seconds),
            _ => None,
        }
    }

    /// A fault of ours, told to nobody but the log.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// This problem, answered with every cookie of ours cleared.
    #[must_use]
    pub fn clearing(self, policy: &CookiePolicy) -> Refusal {
        self.clearing_only(policy, CookieKind::ALL)
    }

    /// This problem, answered with the cookies of these kinds cleared.
    #[must_use]
    pub fn clearing_only(
        self,
        policy: &CookiePolicy,
        kinds: impl IntoIterator<Item = CookieKind>,
    ) -> Refusal {
        Refusal {
            problem: self,
            cookies: policy.clear(kinds),
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<NoSession> for Problem {
    fn from(error: NoSession) -> Self {
        match error {
            NoSession::NotLoggedIn => Self::NotLoggedIn,
            NoSession::AccessExpired => Self::AccessExpired,
            NoSession::TokenInvalid => Self::TokenInvalid,
            NoSession::Ended => Self::SessionEnded,
            NoSession::AccountDisabled => Self::AccountDisabled,
            NoSession::Unavailable(error) => error.into(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Unavailable(error) => error.into(),
            SignInError::Issue(error) => error.into(),
        }
    }
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        Self::internal(error)
    }
}

impl From<NoRandomness> for Problem {
    fn from(error: NoRandomness) -> Self {
        Self::internal(error)
    }
}

/// A problem and the cookies that its answer sets.
#[derive(Debug)]
pub struct Refusal {
    pub(crate) problem: Problem,
    pub(crate) cookies: Vec<String>,
}

impl<P: Into<Problem>> From<P> for Refusal {
    fn from(problem: P) -> Self {
        Self {
            problem: problem.into(),
            cookies: Vec::new(),
        }
    }
}
