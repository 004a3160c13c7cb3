//! Problems of a sign-in.

use gatecrumb_auth::sign_in::SignInError;
use http::StatusCode;

use crate::Problem;

/// Unknown user or wrong password.
pub const INVALID_CREDENTIALS: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "invalid_credentials",
    "Incorrect username or password.",
);
/// Too many attempts have failed. [`Problem::after`] adds when the next one is allowed.
pub const TOO_MANY_ATTEMPTS: Problem = Problem::new(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_attempts",
    "Too many failed attempts; try again later.",
);
/// A correct password or a valid token of a disabled user.
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
