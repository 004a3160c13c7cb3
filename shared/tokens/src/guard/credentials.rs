use gatecrumb_domain::{AccessClaims, Timestamp};
use http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, COOKIE},
};

use super::GuardSettings;
use crate::cookies::{Candidates, PresentedCookies};

/// A browser sends one access cookie, or two when a path or a parent domain has an older one. A request with more
/// candidates than this is denied before any signature is verified.
const MAX_CANDIDATES: usize = 4;
/// Methods that change nothing (RFC 9110 section 9.2.1), which links and images of other sites may use. TRACE is not
/// among them, because no API needs it.
const SAFE_METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::OPTIONS];

/// Why a request is denied. For the log: the sender must not learn it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denied {
    /// Neither an access cookie nor a bearer token.
    #[error("no_credentials")]
    Nothing,
    /// An access cookie and a bearer token: which of them the caller means is unclear.
    #[error("cookie_and_bearer")]
    CookieAndBearer,
    /// More candidates than any browser or service sends.
    #[error("too_many_tokens")]
    TooMany,
    /// A request with cookies that changes state, from a page whose origin is not allowed.
    #[error("cross_origin")]
    CrossOrigin,
    /// No candidate is an access token of this deployment.
    #[error("token_invalid")]
    Invalid,
    /// It was, but has expired.
    #[error("access_expired")]
    Expired,
    /// Valid tokens of several sessions.
    #[error("tokens_disagree")]
    Disagree,
}

impl GuardSettings {
    /// The claims of the newest valid access token of a request, from cookies or from `Authorization`, never from both.
    pub fn token(
        &self,
        method: &Method,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<AccessClaims, Denied> {
        let cookies = self.cookies(headers).access;
        let bearers = bearers(headers);
        let candidates = match (cookies.any(), bearers.any()) {
            (false, false) => return Err(Denied::Nothing),
            (true, true) => return Err(Denied::CookieAndBearer),
            (true, false) if !self.may_use_cookies(method, headers) => return Err(Denied::CrossOrigin),
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

    pub(super) fn cookies(&self, headers: &HeaderMap) -> PresentedCookies {
        let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        PresentedCookies::parse(fields, &self.cookies)
    }

    /// Browsers attach cookies to requests of any page; nobody but the caller attaches a bearer token.
    fn may_use_cookies(&self, method: &Method, headers: &HeaderMap) -> bool {
        SAFE_METHODS.contains(method) || self.allowed_origins.permits(headers)
    }
}

/// The tokens of `Authorization: Bearer …` (RFC 6750 section 2.1). Other schemes are not ours.
fn bearers(headers: &HeaderMap) -> Candidates {
    let fields = headers.get_all(AUTHORIZATION).iter();
    fields.filter_map(|field| bearer(field.as_bytes())).collect()
}

/// What is not text cannot be a token: it counts as one that does not verify.
///
/// The only ASCII white space that a field value can contain is SP and HTAB, the optional white space of RFC 9110.
fn bearer(field: &[u8]) -> Option<&str> {
    let field = field.trim_ascii();
    let end = field
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(field.len());
    let (scheme, token) = field.split_at(end);
    scheme
        .eq_ignore_ascii_case(b"bearer")
        .then(|| std::str::from_utf8(token.trim_ascii()).unwrap_or_default())
}
