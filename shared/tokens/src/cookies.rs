//! The four cookies (RFC 6265bis): how they are named, set, cleared and read back.

mod name;
mod policy;
mod presented;

pub use name::{CookieName, InvalidCookieName};
pub use policy::{CookiePolicy, CookieTooLarge, InvalidPolicy, SameSite};
pub use presented::{Candidates, PresentedCookies};

/// The cookies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CookieKind {
    /// Holds the access token; httpOnly.
    Access,
    /// Holds the refresh token; httpOnly.
    Refresh,
    /// Holds `1`; scripts can read it. It spares a page the calls for a visitor who is not signed in, and
    /// grants nothing.
    Hint,
    /// Holds the device cookie of [`crate::device`]; httpOnly. It outlives the sign-out.
    Device,
}

impl CookieKind {
    /// Those of a session: a sign-out clears all three.
    pub const ALL: [Self; 3] = [Self::Access, Self::Refresh, Self::Hint];

    /// What its name ends with, after the deployment's [`CookieName`] and a hyphen.
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
