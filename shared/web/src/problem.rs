//! Every response that is not a success. The stable code is for programs, the detail for the people who write them;
//! neither tells a stranger which half of a sign-in was wrong.
//!
//! A problem is a constant beside what refuses with it, and an error of a flow becomes one by a single match.

use std::fmt;

use gatecrumb_auth::IssueError;
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::NoRandomness;
use gatecrumb_tokens::cookies::{CookieKind, CookiePolicy};
use http::StatusCode;

use crate::{cross_origin, request, session, sign_in};

/// DynamoDB did not do what it was asked, or not in time.
const UNAVAILABLE: Problem = Problem {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "unavailable",
    detail: "Try again in a moment; nothing was lost.",
    retry_after: Some(1),
    cause: None,
};
/// A fault of ours.
const INTERNAL: Problem = Problem::new(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "Something went wrong on our side.",
);

/// Every problem there is, for what documents them all.
pub const PROBLEMS: [&Problem; 15] = [
    &request::INVALID_REQUEST,
    &request::UNSUPPORTED_MEDIA_TYPE,
    &request::BODY_TOO_LARGE,
    &cross_origin::CROSS_ORIGIN,
    &cross_origin::CROSS_SITE_COOKIES,
    &sign_in::INVALID_CREDENTIALS,
    &sign_in::TOO_MANY_ATTEMPTS,
    &sign_in::ACCOUNT_DISABLED,
    &session::NOT_LOGGED_IN,
    &session::ACCESS_EXPIRED,
    &session::TOKEN_INVALID,
    &session::SESSION_ENDED,
    &session::SESSION_REUSED,
    &UNAVAILABLE,
    &INTERNAL,
];

/// A response that is not a success (RFC 9457).
#[derive(Clone, Debug)]
pub struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: &'static str,
    /// Seconds after which the same request may succeed.
    pub(crate) retry_after: Option<u32>,
    /// What is behind a fault of ours, for the log alone.
    pub(crate) cause: Option<String>,
}

impl Problem {
    pub(crate) const fn new(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self {
            status,
            code,
            detail,
            retry_after: None,
            cause: None,
        }
    }

    /// A fault of ours. Only the log gets its cause.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..INTERNAL
        }
    }

    /// A fault that passes. Only the log gets its cause.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..UNAVAILABLE
        }
    }

    /// The response's status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn is_internal(&self) -> bool {
        self.code == INTERNAL.code
    }

    /// This problem, once the client has waited for so many seconds.
    #[must_use]
    pub fn after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// This problem, with the cookies of these kinds cleared.
    #[must_use]
    pub fn clearing(self, policy: &CookiePolicy, kinds: impl IntoIterator<Item = CookieKind>) -> Refusal {
        Refusal {
            problem: self,
            cookies: policy.clear(kinds),
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        Self::unavailable(error)
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

/// A problem and the cookies that its response sets.
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
