//! Problems of requests without a usable session.

use gatecrumb_auth::NoSession;
use gatecrumb_tokens::problem;
use http::StatusCode;

use crate::{Problem, sign_in::ACCOUNT_DISABLED};

/// The request has no cookie of ours.
pub const NOT_LOGGED_IN: Problem = Problem::of(&problem::NOT_LOGGED_IN);
/// There is no valid access token, but a refresh may issue one.
pub const ACCESS_EXPIRED: Problem = Problem::of(&problem::ACCESS_EXPIRED);
/// The access token is invalid, and there is no other cookie of ours.
pub const TOKEN_INVALID: Problem = Problem::of(&problem::TOKEN_INVALID);
/// The session has expired or was ended.
pub const SESSION_ENDED: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "session_ended",
    "The session is over; sign in again.",
);
/// The session was ended because a superseded refresh token was presented.
pub const SESSION_REUSED: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "session_reused",
    "Signed out for safety; sign in again.",
);

impl From<NoSession> for Problem {
    fn from(error: NoSession) -> Self {
        match error {
            NoSession::NotLoggedIn => NOT_LOGGED_IN,
            NoSession::AccessExpired => ACCESS_EXPIRED,
            NoSession::TokenInvalid => TOKEN_INVALID,
            NoSession::Ended => SESSION_ENDED,
            NoSession::AccountDisabled => ACCOUNT_DISABLED,
            NoSession::Unavailable(error) => error.into(),
        }
    }
}
