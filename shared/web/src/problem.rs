//! Responses that are not a success. The stable code is for programs, the detail for their developers. Neither reveals
//! whether the username or the password was wrong.
//!
//! Each problem is a constant next to the code that returns it. One match converts each flow's error to a problem.

use std::fmt;

use gatecrumb_auth::IssueError;
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::NoRandomness;
use gatecrumb_tokens::{
    cookies::{CookieKind, CookiePolicy},
    problem::Definition,
};
use http::StatusCode;

use crate::{cross_origin, request, session, sign_in};

/// DynamoDB failed or did not respond in time.
const UNAVAILABLE: Problem = Problem {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "unavailable",
    detail: "Try again in a moment; nothing was lost.",
    retry_after: Some(1),
    cause: None,
};
/// A bug or a misconfiguration of ours.
const INTERNAL: Problem = Problem::new(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "Something went wrong on our side.",
);

/// Every problem, for the check that `openapi.yaml` documents all of them.
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
    /// For the log only: never part of the response.
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

    pub(crate) const fn of(definition: &Definition) -> Self {
        Self::new(definition.status, definition.code, definition.detail)
    }

    /// A 500. The cause is logged and never part of the response.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..INTERNAL
        }
    }

    /// A 503: a temporary fault. The cause is logged and never part of the response.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..UNAVAILABLE
        }
    }

    /// The response's HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The stable name, in `snake_case`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn is_internal(&self) -> bool {
        self.code == INTERNAL.code
    }

    /// Adds `Retry-After`: the seconds after which the client may try again.
    #[must_use]
    pub fn after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// Adds cookies that clear these kinds.
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

/// A problem and the `Set-Cookie` values of its response.
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
