use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS},
};
use lambda_http::{Body, aws_lambda_events::apigw::ApiGatewayV2httpResponse};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Problem, Refusal};

/// A response before the headers that every response has.
#[derive(Debug)]
pub struct Response {
    status: StatusCode,
    body: Option<String>,
    cookies: Vec<String>,
}

impl Response {
    /// 200 with JSON.
    pub fn json(body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(Problem::internal)?;
        Ok(Self {
            status: StatusCode::OK,
            body: Some(body),
            cookies: Vec::new(),
        })
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            cookies: Vec::new(),
        }
    }

    /// With these `Set-Cookie` values.
    #[must_use]
    pub fn with_cookies(self, cookies: Vec<String>) -> Self {
        Self { cookies, ..self }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

/// RFC 9457. `about:blank` because the type says no more than the status; `code` is what programs go by.
#[derive(Serialize)]
struct ProblemBody<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

pub(crate) fn success(success: Response, request_id: &str) -> http::Response<Body> {
    let mut response = respond(
        success.status,
        success.body.as_ref().map(|_| "application/json"),
        request_id,
    );
    set_cookies(response.headers_mut(), &success.cookies);
    if let Some(body) = success.body {
        *response.body_mut() = Body::Text(body);
    }
    response
}

pub(crate) fn refusal(refusal: &Refusal, request_id: &str) -> http::Response<Body> {
    let Refusal { problem, cookies } = refusal;
    let shape = problem.shape();
    let body = ProblemBody {
        r#type: "about:blank",
        title: shape.status.canonical_reason().unwrap_or_default(),
        status: shape.status.as_u16(),
        detail: shape.detail,
        code: shape.code,
        retry_after: problem.retry_after(),
        request_id: matches!(problem, Problem::Internal(_)).then_some(request_id),
    };
    let mut response = respond(shape.status, Some("application/problem+json"), request_id);
    set_cookies(response.headers_mut(), cookies);
    if let Some(seconds) = problem.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    *response.body_mut() = Body::Text(serde_json::to_string(&body).unwrap_or_default());
    response
}

/// A response as the JSON that Lambda passes on.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Output(Json);

#[derive(Serialize)]
#[serde(untagged)]
enum Json {
    ApiGateway(Box<ApiGatewayV2httpResponse>),
    Other(Value),
}

/// In payload format 2.0.
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

/// With the members alone that every service knows that calls functions for HTTP requests.
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

/// The headers that every response has. One `Vary` with both names: an event's response has each header once.
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

fn set_cookies(headers: &mut HeaderMap, cookies: &[String]) {
    for cookie in cookies {
        // Cookies are built of our own names, base64url and a checked domain: visible ASCII.
        if let Ok(mut value) = HeaderValue::from_str(cookie) {
            value.set_sensitive(true);
            headers.append(SET_COOKIE, value);
        }
    }
}
