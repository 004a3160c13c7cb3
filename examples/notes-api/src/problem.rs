use gatecrumb_tokens::{
    guard::Refusal,
    problem::{MEDIA_TYPE, ProblemBody},
};
use lambda_http::{
    Response,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS},
    },
};
use serde::Serialize;

use crate::{InvalidText, Unavailable, note::MAX_CHARACTERS, note::MAX_NOTES};

/// Why a request fails. Each becomes a problem (RFC 9457) whose `code` is for programs.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The guard refused it: nobody is signed in, the role is missing, the sign-in is too old.
    Refused(Refusal),
    /// Not `application/json`.
    MediaType,
    /// The body is too large to be read.
    TooLarge,
    /// The body is not `{"text": …}`.
    Malformed,
    /// The note is empty or too long.
    Text,
    /// `after` is not a user.
    After,
    /// The user has [`MAX_NOTES`] notes.
    Full,
    /// No such route, or no such note of this user.
    NotFound,
    /// DynamoDB.
    Unavailable(Unavailable),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<InvalidText> for Failure {
    fn from(_: InvalidText) -> Self {
        Self::Text
    }
}

impl From<Unavailable> for Failure {
    fn from(fault: Unavailable) -> Self {
        Self::Unavailable(fault)
    }
}

impl Failure {
    /// The response. Logs a fault once; what a caller did wrong is not logged.
    pub(crate) fn into_response(self) -> Response<String> {
        let (status, code, detail) = match self {
            Self::Refused(refusal) => return refusal.response(),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send application/json.".to_owned(),
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The body is too large.".to_owned(),
            ),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Send a JSON object with the string \"text\" and nothing else.".to_owned(),
            ),
            Self::Text => (
                StatusCode::BAD_REQUEST,
                "invalid_text",
                format!("A note has 1 to {MAX_CHARACTERS} characters."),
            ),
            Self::After => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The parameter \"after\" is the \"next\" of the page before.".to_owned(),
            ),
            Self::Full => (
                StatusCode::CONFLICT,
                "too_many_notes",
                format!("You have {MAX_NOTES} notes. Delete one first."),
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "There is no such note.".to_owned(),
            ),
            Self::Unavailable(fault) => {
                tracing::error!(event = "unavailable", cause = %fault);
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "Try again in a moment; nothing was lost.".to_owned(),
                )
            }
        };
        let body = ProblemBody::new(status, code, &detail).to_json();
        let mut response = respond(status, MEDIA_TYPE, body);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// A response with JSON.
pub(crate) fn json_response(status: StatusCode, body: &impl Serialize) -> Response<String> {
    // Strings, numbers and lists always serialize.
    let body = serde_json::to_string(body).unwrap_or_default();
    respond(status, "application/json", body)
}

/// 204.
pub(crate) fn no_content() -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Notes are private: no cache may store them.
fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
