//! The four cookies (RFC 6265bis): their names, and how they are set, cleared and parsed.

mod name;
mod policy;
mod presented;

pub use name::{CookieName, InvalidCookieName};
pub use policy::{CookiePolicy, CookieTooLarge, InvalidPolicy, SameSite};
pub use presented::{Candidates, PresentedCookies};

/// The kinds of cookies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CookieKind {
    /// Contains the access token; `HttpOnly`.
    Access,
    /// Contains the refresh token; `HttpOnly`.
    Refresh,
    /// Contains `1`, and scripts can read it. It saves a page the requests if the user is not signed in, and grants
    /// nothing.
    Hint,
    /// Contains the device cookie of [`crate::device`]; `HttpOnly`. A sign-out does not clear it.
    Device,
}

impl CookieKind {
    /// The cookies of a session: a sign-out clears all three.
    pub const ALL: [Self; 3] = [Self::Access, Self::Refresh, Self::Hint];

    /// The end of the cookie's name, after the deployment's [`CookieName`] and a hyphen.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Hint => "hint",
            Self::Device => "device",
        }
    }
}
