use std::time::Duration;

use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS},
};

use super::{Denied, GuardSettings};
use crate::{
    NoAccess,
    problem::{self, Definition, ProblemBody},
};

/// Why a request is not served, and its response: 401, or 403 for a page of another origin and for a missing role. Never
/// a fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}", .problem.code)]
pub struct Refusal {
    problem: &'static Definition,
    /// The oldest sign-in that the route accepts, in seconds.
    max_age: Option<u64>,
    denied: Option<Denied>,
}

impl Refusal {
    pub(super) const ROLE_REQUIRED: Self = Self::new(&problem::ROLE_REQUIRED);

    const fn new(problem: &'static Definition) -> Self {
        Self {
            problem,
            max_age: None,
            denied: None,
        }
    }

    pub(super) fn reauthentication(max_age: Duration) -> Self {
        Self {
            max_age: Some(max_age.as_secs()),
            ..Self::new(&problem::REAUTHENTICATION_REQUIRED)
        }
    }

    /// The response's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.problem.status
    }

    /// The stable name in the response, such as `access_expired`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.problem.code
    }

    /// Why the credentials were denied, for the log. `None` for a missing role and a sign-in that is too old.
    #[must_use]
    pub fn denied(&self) -> Option<Denied> {
        self.denied
    }

    /// The response: `application/problem+json`, and the challenge of RFC 9470 if the sign-in is too old.
    #[must_use]
    pub fn response(&self) -> Response<String> {
        let Definition { status, code, detail } = *self.problem;
        let body = ProblemBody {
            max_age: self.max_age,
            ..ProblemBody::new(status, code, detail)
        };
        let mut response = Response::new(body.to_json());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(problem::MEDIA_TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(challenge) = self.max_age.and_then(challenge) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// RFC 9470 section 3.
fn challenge(max_age: u64) -> Option<HeaderValue> {
    let challenge = format!(
        "Bearer error=\"insufficient_user_authentication\", error_description=\"A more recent sign-in is required\", \
         max_age=\"{max_age}\""
    );
    HeaderValue::try_from(challenge).ok()
}

impl GuardSettings {
    /// The response to a denied request. As with `GET /auth/me`, the other cookies decide whether a refresh may help.
    pub(super) fn refusal(&self, denied: Denied, headers: &HeaderMap) -> Refusal {
        let problem = match denied {
            Denied::CrossOrigin => &problem::CROSS_ORIGIN,
            Denied::Expired => &problem::ACCESS_EXPIRED,
            Denied::CookieAndBearer | Denied::TooMany | Denied::Disagree => &problem::TOKEN_INVALID,
            Denied::Nothing | Denied::Invalid => self.without_token(denied, headers),
        };
        Refusal {
            denied: Some(denied),
            ..Refusal::new(problem)
        }
    }

    fn without_token(&self, denied: Denied, headers: &HeaderMap) -> &'static Definition {
        let cookies = self.cookies(headers);
        if denied == Denied::Invalid && !cookies.access.any() {
            // A bearer token, which no refresh replaces.
            return &problem::TOKEN_INVALID;
        }
        let access = self.verifier.classify(&cookies.access);
        match self.verifier.without_access(&cookies, access) {
            NoAccess::NotLoggedIn => &problem::NOT_LOGGED_IN,
            NoAccess::AccessExpired => &problem::ACCESS_EXPIRED,
            NoAccess::TokenInvalid => &problem::TOKEN_INVALID,
        }
    }
}
