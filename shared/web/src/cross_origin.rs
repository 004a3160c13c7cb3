//! Refuses cross-origin requests without a CSRF token.

use gatecrumb_tokens::{cookies::SameSite, problem};
use http::StatusCode;

use crate::{AllowedOrigins, Problem, Request};

/// The request comes from a page of an origin that is not allowed.
pub(crate) const CROSS_ORIGIN: Problem = Problem::of(&problem::CROSS_ORIGIN);
/// The request comes from a page of an allowed origin on another site, to which no cookie would be sent.
pub(crate) const CROSS_SITE_COOKIES: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "cross_site_cookies",
    "The page is on another site than this API, so the browser would drop the cookies. Serve both from one site: a \
     rewrite or a subdomain; on one machine localhost for both, never 127.0.0.1. A deployment can set \
     COOKIE_SAMESITE=none instead.",
);

const SEC_FETCH_SITE: &str = "sec-fetch-site";

impl Request {
    /// Refuses a state-changing request from a page whose origin is not allowed: see [`AllowedOrigins::permits`].
    pub fn refuse_cross_origin(&self, allowed_origins: &AllowedOrigins) -> Result<(), Problem> {
        if allowed_origins.permits(self.headers()) {
            Ok(())
        } else {
            Err(CROSS_ORIGIN)
        }
    }

    /// Refuses a sign-in if the browser would silently drop cookies with this `SameSite` attribute.
    pub fn refuse_cross_site_cookies(&self, same_site: SameSite) -> Result<(), Problem> {
        let cross_site = self.header(SEC_FETCH_SITE) == Some(b"cross-site");
        if cross_site && same_site == SameSite::Lax {
            return Err(CROSS_SITE_COOKIES);
        }
        Ok(())
    }
}
