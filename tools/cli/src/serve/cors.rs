//! CORS as an HttpApi's `CorsConfiguration` answers it.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use gatecrumb_web::AllowedOrigins;

/// As in `template.yaml`.
const METHODS: HeaderValue = HeaderValue::from_static("GET,OPTIONS,POST");
const HEADERS: HeaderValue = HeaderValue::from_static("content-type");
const EXPOSED: HeaderValue = HeaderValue::from_static("retry-after,x-request-id");
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// The answer to a preflight, which no function sees: always 204, and the permission only for allowed origins.
pub(super) fn preflight(method: &Method, headers: &HeaderMap, allowed: &AllowedOrigins) -> Option<Response> {
    let asks =
        headers.contains_key(header::ORIGIN) && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if method != Method::OPTIONS || !asks {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Some(origin) = allowed_origin(headers, allowed) {
        let answer = response.headers_mut();
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    Some(response)
}

/// What every other answer gets.
pub(super) fn permit(request: &HeaderMap, allowed: &AllowedOrigins, response: &mut Response) {
    if let Some(origin) = allowed_origin(request, allowed) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

fn allowed_origin(headers: &HeaderMap, allowed: &AllowedOrigins) -> Option<HeaderValue> {
    headers
        .get(header::ORIGIN)
        .filter(|origin| allowed.contains(origin.as_bytes()))
        .cloned()
}
