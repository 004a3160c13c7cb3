use std::iter;

use crate::Problem;

impl Problem {
    /// The status and the stable code that it is answered with.
    #[must_use]
    pub fn status_and_code(&self) -> (u16, &'static str) {
        let shape = self.shape();
        (shape.status.as_u16(), shape.code)
    }

    /// One of each kind, for what documents them all. A match, so that nobody can add a kind and forget it here.
    pub fn each() -> impl Iterator<Item = Self> {
        iter::successors(Some(Self::InvalidRequest("")), |one| {
            Some(match one {
                Self::InvalidRequest(_) => Self::UnsupportedMediaType,
                Self::UnsupportedMediaType => Self::BodyTooLarge,
                Self::BodyTooLarge => Self::InvalidCredentials,
                Self::InvalidCredentials => Self::TooManyAttempts(1),
                Self::TooManyAttempts(_) => Self::AccountDisabled,
                Self::AccountDisabled => Self::CrossOrigin,
                Self::CrossOrigin => Self::CrossSiteCookies,
                Self::CrossSiteCookies => Self::NotLoggedIn,
                Self::NotLoggedIn => Self::AccessExpired,
                Self::AccessExpired => Self::TokenInvalid,
                Self::TokenInvalid => Self::SessionEnded,
                Self::SessionEnded => Self::SessionReused,
                Self::SessionReused => Self::Unavailable(String::new()),
                Self::Unavailable(_) => Self::Internal(String::new()),
                Self::Internal(_) => return None,
            })
        })
    }
}
