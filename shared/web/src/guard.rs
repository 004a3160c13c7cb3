//! Cross-site requests, refused without a token to fetch (RFC 6265bis section 8.8.2; OWASP's CSRF Prevention
//! Cheat Sheet, "Fetch Metadata").

use gatecrumb_tokens::cookies::SameSite;
use http::header::ORIGIN;

use crate::{Config, Problem, Request};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

impl Request {
    /// Refuses a state-changing request that a page of a foreign origin made: the rule of Go's
    /// `http.CrossOriginProtection`, with exact origins in place of the host comparison.
    pub fn refuse_cross_origin(&self, config: &Config) -> Result<(), Problem> {
        let origin = self.header(ORIGIN.as_str());
        let allowed = origin.is_some_and(|origin| config.allowed_origins.contains(origin));
        let passes = match self.header(SEC_FETCH_SITE) {
            // The page is the API's own, or the visitor typed the address.
            Some(b"same-origin" | b"none") => true,
            Some(_) => allowed,
            // Not a browser, or one from before 2023: those send Origin with every POST.
            None => origin.is_none() || allowed,
        };
        if passes { Ok(()) } else { Err(Problem::CrossOrigin) }
    }

    /// Refuses a sign-in whose cookies the browser would silently drop.
    pub fn refuse_cross_site_cookies(&self, config: &Config) -> Result<(), Problem> {
        let cross_site = self.header(SEC_FETCH_SITE) == Some(b"cross-site");
        if cross_site && config.cookies.same_site() == SameSite::Lax {
            return Err(Problem::CrossSiteCookies);
        }
        Ok(())
    }
}
