//! The four cookies (RFC 6265bis): how they are named, set, cleared and read back.

mod policy;
mod presented;

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

    /// The name without the prefix that follows from the configuration.
    #[must_use]
    pub fn base_name(self) -> &'static str {
        match self {
            Self::Access => "gatecrumb-access",
            Self::Refresh => "gatecrumb-refresh",
            Self::Hint => "gatecrumb-hint",
            Self::Device => "gatecrumb-device",
        }
    }
}
