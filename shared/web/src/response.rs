use std::time::Duration;

use gatecrumb_tokens::problem::{MEDIA_TYPE, ProblemBody};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, RETRY_AFTER, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS},
};
use lambda_http::{Body, aws_lambda_events::apigw::ApiGatewayV2httpResponse};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Problem, Refusal, Request};

/// A successful response, without the common headers.
#[derive(Debug)]
pub struct Response {
    status: StatusCode,
    body: Option<String>,
    cookies: Vec<String>,
    cache: Option<Cache>,
}

/// How caches may store a response that is the same for everybody (RFC 9111).
#[derive(Clone, Debug)]
pub struct Cache {
    /// How long a cache may serve it without revalidation.
    pub max_age: Duration,
    /// Identifies the body (RFC 9110 section 8.8.3): visible ASCII without quotes.
    pub etag: String,
}

impl Cache {
    /// The entity tag in quotes, as in a header.
    fn entity_tag(&self) -> String {
        format!("\"{}\"", self.etag)
    }
}

impl Response {
    /// 200 with JSON.
    pub fn json(body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(Problem::internal)?;
        Ok(Self {
            status: StatusCode::OK,
            body: Some(body),
            cookies: Vec::new(),
            cache: None,
        })
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            cookies: Vec::new(),
            cache: None,
        }
    }

    /// Sets the `Set-Cookie` values.
    #[must_use]
    pub fn with_cookies(self, cookies: Vec<String>) -> Self {
        Self { cookies, ..self }
    }

    /// 200 with JSON that any cache may store, or 304 if the client has it already (`If-None-Match`, RFC 9110 section
    /// 13.1.2).
    #[must_use]
    pub fn cacheable(request: &Request, body: &str, cache: &Cache) -> Self {
        let is_known = request.matches_entity_tag(&cache.entity_tag());
        Self {
            status: if is_known {
                StatusCode::NOT_MODIFIED
            } else {
                StatusCode::OK
            },
            body: (!is_known).then(|| body.to_owned()),
            cookies: Vec::new(),
            cache: Some(cache.clone()),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

pub(crate) fn success(success: Response, request_id: &str) -> http::Response<Body> {
    let mut response = respond(
        success.status,
        success.body.as_ref().map(|_| "application/json"),
        request_id,
    );
    set_cookies(response.headers_mut(), &success.cookies);
    if let Some(cache) = &success.cache {
        set_cache(response.headers_mut(), cache);
    }
    if let Some(body) = success.body {
        *response.body_mut() = Body::Text(body);
    }
    response
}

pub(crate) fn refusal(refusal: &Refusal, request_id: &str) -> http::Response<Body> {
    let Refusal { problem, cookies } = refusal;
    let body = ProblemBody {
        retry_after: problem.retry_after,
        request_id: problem.is_internal().then_some(request_id),
        ..ProblemBody::new(problem.status, problem.code, problem.detail)
    };
    let mut response = respond(problem.status, Some(MEDIA_TYPE), request_id);
    set_cookies(response.headers_mut(), cookies);
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    *response.body_mut() = Body::Text(body.to_json());
    response
}

/// A response as the JSON that a function returns to Lambda.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Output(Json);

#[derive(Serialize)]
#[serde(untagged)]
enum Json {
    ApiGateway(Box<ApiGatewayV2httpResponse>),
    Other(Value),
}

/// Payload format 2.0.
pub(crate) fn for_api_gateway(response: http::Response<Body>) -> Output {
    let (mut parts, body) = response.into_parts();
    let mut output = ApiGatewayV2httpResponse::default();
    let cookies = parts.headers.get_all(SET_COOKIE).iter();
    output.cookies = cookies
        .filter_map(|cookie| cookie.to_str().ok().map(str::to_owned))
        .collect();
    parts.headers.remove(SET_COOKIE);
    output.status_code = parts.status.as_u16().into();
    output.headers = parts.headers;
    output.body = (!matches!(body, Body::Empty)).then_some(body);
    Output(Json::ApiGateway(Box::new(output)))
}

/// Only the members that every service with HTTP requests understands.
pub(crate) fn for_others(response: http::Response<Body>) -> Output {
    let (parts, body) = response.into_parts();
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers: Map<String, Value> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(text(value))))
        .collect();
    Output(Json::Other(json!({
        "statusCode": parts.status.as_u16(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
        "isBase64Encoded": false,
    })))
}

/// Adds the common headers. `Vary` has both names in one value, because payload format 2.0 allows each header only once.
fn respond(status: StatusCode, content_type: Option<&'static str>, request_id: &str) -> http::Response<Body> {
    let mut response = http::Response::new(Body::Empty);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(VARY, HeaderValue::from_static("Origin, Sec-Fetch-Site"));
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
    response
}

fn set_cache(headers: &mut HeaderMap, cache: &Cache) {
    let control = format!("public, max-age={}", cache.max_age.as_secs());
    for (name, value) in [(CACHE_CONTROL, control), (ETAG, cache.entity_tag())] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

fn set_cookies(headers: &mut HeaderMap, cookies: &[String]) {
    for cookie in cookies {
        // Cookies consist of our own names, base64url and a validated domain: always visible ASCII.
        if let Ok(mut value) = HeaderValue::from_str(cookie) {
            value.set_sensitive(true);
            headers.append(SET_COOKIE, value);
        }
    }
}
