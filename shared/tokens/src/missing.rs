use crate::{Received, Verifier, cookies::PresentedCookies};

/// What a request whose cookies contain no valid access token can do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoAccess {
    /// It has no cookie of this deployment: sign in.
    NotLoggedIn,
    /// It has a refresh cookie or the hint: refresh.
    AccessExpired,
    /// It has an invalid access cookie and nothing else.
    TokenInvalid,
}

impl Verifier {
    /// Decides by the other cookies of the request. `access`: what it has under the name of the access cookie.
    #[must_use]
    pub fn without_access(&self, cookies: &PresentedCookies, access: Received) -> NoAccess {
        let refresh = self.classify(&cookies.refresh);
        // A hint beside another deployment's tokens belongs to that deployment.
        let hint = cookies.hint && !(access.foreign || refresh.foreign);
        match (access.ours, refresh.ours || hint) {
            (_, true) => NoAccess::AccessExpired,
            (true, false) => NoAccess::TokenInvalid,
            (false, false) => NoAccess::NotLoggedIn,
        }
    }
}
