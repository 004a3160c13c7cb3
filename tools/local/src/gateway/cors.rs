//! CORS as in an HttpApi with a `CorsConfiguration`.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use gatecrumb_web::{AllowedOrigins, routes::Route};

// As in `template.yaml`.
const HEADERS: HeaderValue = HeaderValue::from_static("content-type");
const EXPOSED: HeaderValue = HeaderValue::from_static("retry-after,x-request-id");
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// The methods of these routes, and `OPTIONS`.
fn methods(routes: &[Route]) -> HeaderValue {
    let methods = routes.iter().map(|route| route.method).chain(["OPTIONS"]);
    let methods: BTreeSet<&str> = methods.collect();
    let methods: Vec<&str> = methods.into_iter().collect();
    HeaderValue::try_from(methods.join(",")).unwrap_or_else(|_| HeaderValue::from_static("OPTIONS"))
}

/// The response to a preflight request, which no function receives: always 204, with CORS headers only for allowed origins.
#[must_use]
pub fn preflight(
    routes: &[Route],
    method: &Method,
    headers: &HeaderMap,
    allowed: &AllowedOrigins,
) -> Option<Response> {
    let has_headers =
        headers.contains_key(header::ORIGIN) && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if method != Method::OPTIONS || !has_headers {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Some(origin) = allowed_origin(headers, allowed) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods(routes));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    Some(response)
}

/// Adds the CORS headers to any other response.
pub fn permit(request: &HeaderMap, allowed: &AllowedOrigins, response: &mut Response) {
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
