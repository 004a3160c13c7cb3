use gatecrumb_api::{AllowedOrigins, AuthorizerRequest, trim_ows};
use gatecrumb_domain::{AccessClaims, Timestamp};
use gatecrumb_tokens::{
    Verifier,
    cookies::{Candidates, CookiePolicy, PresentedCookies},
};
use http::{Method, header::AUTHORIZATION};

use crate::Denied;

/// A browser sends one access cookie, or two when a path or a parent domain has an older one. A request with more
/// candidates than this is denied before any signature is verified.
const MAX_CANDIDATES: usize = 4;
/// Methods that change nothing (RFC 9110 section 9.2.1), which links and images of other sites may use. TRACE is not
/// among them, because no API needs it.
const SAFE_METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::OPTIONS];

/// Finds and verifies the access token of a request.
pub(crate) struct Credentials {
    pub(crate) verifier: Verifier,
    pub(crate) cookies: CookiePolicy,
    pub(crate) allowed_origins: AllowedOrigins,
}

impl Credentials {
    /// The claims of the newest valid access token, from cookies or from `Authorization`, never from both.
    pub(crate) fn token(&self, request: &AuthorizerRequest, now: Timestamp) -> Result<AccessClaims, Denied> {
        let cookies = PresentedCookies::parse(request.cookies(), &self.cookies).access;
        let bearers = bearers(request);
        let candidates = match (cookies.any(), bearers.any()) {
            (false, false) => return Err(Denied::Nothing),
            (true, true) => return Err(Denied::CookieAndBearer),
            (true, false) if !self.may_use_cookies(request) => return Err(Denied::CrossOrigin),
            (true, false) => cookies,
            (false, true) => bearers,
        };
        if candidates.count() > MAX_CANDIDATES {
            return Err(Denied::TooMany);
        }
        let authentic = self.verifier.access_tokens(&candidates).authentic();
        if authentic.is_empty() {
            return Err(Denied::Invalid);
        }
        let mut valid = authentic
            .into_iter()
            .filter_map(|token| token.unexpired(now).ok());
        let newest = valid.next().ok_or(Denied::Expired)?;
        if valid.all(|other| (&other.sub, &other.sid) == (&newest.sub, &newest.sid)) {
            Ok(newest)
        } else {
            Err(Denied::Disagree)
        }
    }

    /// Browsers attach cookies to requests of any page; nobody but the caller attaches a bearer token.
    fn may_use_cookies(&self, request: &AuthorizerRequest) -> bool {
        let is_safe = |method: &str| SAFE_METHODS.iter().any(|safe| safe == method);
        request.method.as_deref().is_some_and(is_safe) || self.allowed_origins.permits(request.headers())
    }
}

/// The tokens of `Authorization: Bearer …` (RFC 6750 section 2.1). Other schemes are not ours.
fn bearers(request: &AuthorizerRequest) -> Candidates {
    let fields = request.headers().get_all(AUTHORIZATION).iter();
    fields.filter_map(|field| bearer(field.as_bytes())).collect()
}

/// What is not text cannot be a token: it counts as one that does not verify.
fn bearer(field: &[u8]) -> Option<&str> {
    let field = trim_ows(field);
    let end = field
        .iter()
        .position(|byte| matches!(byte, b' ' | b'\t'))
        .unwrap_or(field.len());
    let (scheme, token) = field.split_at(end);
    scheme
        .eq_ignore_ascii_case(b"bearer")
        .then(|| std::str::from_utf8(trim_ows(token)).unwrap_or_default())
}
