//! Converts HTTP requests to API Gateway events (payload format 2.0), and responses back to HTTP, both through JSON as on
//! Lambda.

use std::{collections::BTreeMap, net::IpAddr};

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gatecrumb_web::routes::Parameters;
use serde::{Deserialize, Serialize};

/// An event of payload format 2.0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<&'a str, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: String,
    http: HttpContext<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time_epoch: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpContext<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: String,
    user_agent: String,
}

impl<'a> Event<'a> {
    /// The event that API Gateway would send for a request. `time_epoch` is in milliseconds.
    #[must_use]
    pub fn new(
        parts: &'a Parts,
        body: &Bytes,
        route_key: &'a str,
        path_parameters: Parameters<'a>,
        request_id: &'a str,
        source: IpAddr,
        time_epoch: u64,
    ) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        // Repeated headers are joined. Cookies are in a separate list.
        let mut headers: BTreeMap<&str, String> = BTreeMap::new();
        let mut cookies = Vec::new();
        for (name, value) in &parts.headers {
            if name == header::COOKIE {
                cookies.extend(
                    text(value)
                        .split("; ")
                        .filter(|c| !c.is_empty())
                        .map(str::to_owned),
                );
                continue;
            }
            let joined = headers.entry(name.as_str()).or_default();
            if !joined.is_empty() {
                joined.push(',');
            }
            joined.push_str(&text(value));
        }
        let header = |name: HeaderName| parts.headers.get(name).map(text).unwrap_or_default();
        let (body, is_base64_encoded) = encode(&header(header::CONTENT_TYPE), body);
        Self {
            version: "2.0",
            route_key,
            raw_path: parts.uri.path(),
            raw_query_string: parts.uri.query().unwrap_or_default(),
            cookies,
            headers,
            request_context: RequestContext {
                account_id: "local",
                api_id: "local",
                domain_name: header(header::HOST),
                http: HttpContext {
                    method: parts.method.as_str(),
                    path: parts.uri.path(),
                    protocol: "HTTP/1.1",
                    source_ip: source.to_string(),
                    user_agent: header(header::USER_AGENT),
                },
                request_id,
                route_key,
                stage: "$default",
                time_epoch,
            },
            path_parameters: path_parameters
                .into_iter()
                .map(|(name, value)| (name, decoded(value)))
                .collect(),
            body,
            is_base64_encoded,
        }
    }
}

/// Percent-decodes a path segment. Unlike in a form, a plus sign stays as it is.
fn decoded(segment: &str) -> String {
    let pair = format!("={}", segment.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = form_urlencoded::parse(pair.as_bytes());
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Text bodies are sent as text, all others as base64.
fn encode(content_type: &str, body: &Bytes) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let is_text = content_type.starts_with("text/") || content_type.starts_with("application/json");
    match std::str::from_utf8(body) {
        Ok(text) if is_text => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

/// A function's response (payload format 2.0).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// The `code` of a problem, for the log.
#[derive(Clone, Deserialize)]
pub(super) struct Code {
    #[serde(rename = "code")]
    pub(super) text: String,
}

/// The HTTP response that API Gateway would send for a function's response. `None` if it is invalid.
#[must_use]
pub fn response(json: &str) -> Option<Response> {
    let function: FunctionResponse = serde_json::from_str(json).ok()?;
    let body = function.body.unwrap_or_default();
    let body = if function.is_base64_encoded {
        STANDARD.decode(body).ok()?
    } else {
        body.into_bytes()
    };
    let code: Option<Code> = serde_json::from_slice(&body).ok();
    let mut response = Response::new(Body::from(body));
    if let Some(code) = code {
        response.extensions_mut().insert(code);
    }
    *response.status_mut() = StatusCode::from_u16(function.status_code).ok()?;
    for (name, value) in function.headers {
        response.headers_mut().insert(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value).ok()?,
        );
    }
    for cookie in function.cookies {
        response
            .headers_mut()
            .append(header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_segment_is_percent_decoded() {
        for (segment, expected) in [
            ("a-1_b", "a-1_b"),
            ("a%20b", "a b"),
            ("a+b", "a+b"),
            ("a%2Fb", "a/b"),
            ("a&b=c", "a&b=c"),
            ("%C3%A9", "\u{e9}"),
            ("%zz", "%zz"),
        ] {
            assert_eq!(decoded(segment), expected, "{segment}");
        }
    }
}
