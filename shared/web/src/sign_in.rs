//! Why somebody is not signed in.

use gatecrumb_auth::sign_in::SignInError;
use http::StatusCode;

use crate::Problem;

/// No such user, or another password.
pub const INVALID_CREDENTIALS: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "invalid_credentials",
    "Incorrect username or password.",
);
/// Too many attempts have failed. [`Problem::after`] says when the next one may come.
pub const TOO_MANY_ATTEMPTS: Problem = Problem::new(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_attempts",
    "Too many failed attempts; try again later.",
);
/// The right password, or a good token, of a user who may not sign in.
pub const ACCOUNT_DISABLED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "account_disabled",
    "This account is disabled.",
);

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Unavailable(error) => error.into(),
            SignInError::Issue(error) => error.into(),
        }
    }
}
