//! The body of a response that is not a success (RFC 9457), and the problems of requests without a valid access token.
//! The functions and [`crate::guard`] respond alike.

use http::StatusCode;
use serde::Serialize;

/// The media type of [`ProblemBody`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What is the same in all responses with this problem.
#[derive(Debug, Eq, PartialEq)]
pub struct Definition {
    /// The response's status.
    pub status: StatusCode,
    /// The stable name, in `snake_case`, for programs.
    pub code: &'static str,
    /// For their developers.
    pub detail: &'static str,
}

impl Definition {
    const fn new(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self { status, code, detail }
    }
}

/// The request has no cookie of ours.
pub const NOT_LOGGED_IN: Definition =
    Definition::new(StatusCode::UNAUTHORIZED, "not_logged_in", "Nobody is signed in.");
/// There is no valid access token, but a refresh may issue one.
pub const ACCESS_EXPIRED: Definition = Definition::new(
    StatusCode::UNAUTHORIZED,
    "access_expired",
    "Refresh, then request this again.",
);
/// The access token is invalid, and there is no other cookie of ours.
pub const TOKEN_INVALID: Definition = Definition::new(
    StatusCode::UNAUTHORIZED,
    "token_invalid",
    "The access token cannot be verified.",
);
/// The sign-in is too old for this route (RFC 9470).
pub const REAUTHENTICATION_REQUIRED: Definition = Definition::new(
    StatusCode::UNAUTHORIZED,
    "reauthentication_required",
    "Sign in again, then request this again.",
);
/// The user lacks a role.
pub const ROLE_REQUIRED: Definition = Definition::new(
    StatusCode::FORBIDDEN,
    "role_required",
    "The user does not have the role that this requires.",
);
/// The request comes from a page of an origin that is not allowed.
pub const CROSS_ORIGIN: Definition = Definition::new(
    StatusCode::FORBIDDEN,
    "cross_origin",
    "This page's origin is not among ALLOWED_ORIGINS. localhost and 127.0.0.1 are different origins.",
);

/// The body. The type is `about:blank` because it would repeat the status. Programs read `code`.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemBody<'a> {
    /// `about:blank`.
    pub r#type: &'static str,
    /// The reason phrase of `status`.
    pub title: &'static str,
    /// The response's status.
    pub status: u16,
    /// For developers.
    pub detail: &'a str,
    /// For programs.
    pub code: &'a str,
    /// Seconds after which the same request may succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The oldest sign-in that is accepted, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// The id of the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
}

impl<'a> ProblemBody<'a> {
    /// A body without the optional members.
    #[must_use]
    pub fn new(status: StatusCode, code: &'a str, detail: &'a str) -> Self {
        Self {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail,
            code,
            retry_after: None,
            max_age: None,
            request_id: None,
        }
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings and numbers always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }
}
