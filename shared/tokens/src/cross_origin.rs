use http::{HeaderMap, header::ORIGIN};

use crate::AllowedOrigins;

const SEC_FETCH_SITE: &str = "sec-fetch-site";

impl AllowedOrigins {
    /// Whether a state-changing request with these headers may come from the page that sent it. The rule is that of Go's
    /// `http.CrossOriginProtection`, but compares exact origins instead of hosts (RFC 6265bis section 8.8.2; OWASP's CSRF
    /// Prevention Cheat Sheet, "Fetch Metadata").
    #[must_use]
    pub fn permits(&self, headers: &HeaderMap) -> bool {
        let value = |name: &str| headers.get(name).map(http::HeaderValue::as_bytes);
        let origin = value(ORIGIN.as_str());
        let allowed = origin.is_some_and(|origin| self.contains(origin));
        match value(SEC_FETCH_SITE) {
            // The page is the API's own, or the visitor typed the address.
            Some(b"same-origin" | b"none") => true,
            Some(_) => allowed,
            // Not a browser, or a browser older than 2023, which sends Origin with every POST.
            None => origin.is_none() || allowed,
        }
    }
}
