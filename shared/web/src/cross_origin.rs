//! Cross-origin requests, refused without a CSRF token (RFC 6265bis section 8.8.2; OWASP's CSRF Prevention Cheat
//! Sheet, "Fetch Metadata").

use gatecrumb_tokens::cookies::SameSite;
use http::header::ORIGIN;

use crate::{AllowedOrigins, Problem, Request};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

impl Request {
    /// Refuses a state-changing request from a page of a foreign origin: the rule of Go's
    /// `http.CrossOriginProtection`, with exact origins in place of the host comparison.
    pub fn refuse_cross_origin(&self, allowed_origins: &AllowedOrigins) -> Result<(), Problem> {
        let origin = self.header(ORIGIN.as_str());
        let allowed = origin.is_some_and(|origin| allowed_origins.contains(origin));
        let passes = match self.header(SEC_FETCH_SITE) {
            // The page is the API's own, or the visitor typed the address.
            Some(b"same-origin" | b"none") => true,
            Some(_) => allowed,
            // Not a browser, or one from before 2023: those send Origin with every POST.
            None => origin.is_none() || allowed,
        };
        if passes { Ok(()) } else { Err(Problem::CrossOrigin) }
    }

    /// Refuses a sign-in whose cookies, which have this attribute, the browser would silently drop.
    pub fn refuse_cross_site_cookies(&self, same_site: SameSite) -> Result<(), Problem> {
        let cross_site = self.header(SEC_FETCH_SITE) == Some(b"cross-site");
        if cross_site && same_site == SameSite::Lax {
            return Err(Problem::CrossSiteCookies);
        }
        Ok(())
    }
}
