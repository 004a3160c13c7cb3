//! A request's parts, which API Gateway puts into an event as they came: what a stranger chooses freely.
//! (That an event is read from JSON as it should is the affair of the target `event`.)
//!
//! The first byte chooses the method and whether the body comes in base64; then, apart by 0xFF (which no text of
//! UTF-8 holds): path, query, body, address, request id, stage, and pairs of header names and values.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use lambda_http::{aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest};

use crate::gateway;

pub(crate) fn run(bytes: &[u8]) {
    let Some((&choice, rest)) = bytes.split_first() else {
        return;
    };
    let mut parts = rest
        .split(|&byte| byte == 0xFF)
        .map(|part| String::from_utf8_lossy(part).into_owned());
    let mut next = || parts.next().unwrap_or_default();
    let (path, query, body, address, id, stage) = (next(), next(), next(), next(), next(), next());
    let mut headers = HeaderMap::new();
    let mut cookies = Vec::new();
    while let Some(name) = parts.next() {
        let (name, value) = (name.to_ascii_lowercase(), parts.next().unwrap_or_default());
        if name == "cookie" {
            cookies.push(value);
        } else if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            // Others come through no gateway.
            headers.insert(name, value);
        }
    }
    let method = [Method::POST, Method::GET, Method::PUT, Method::OPTIONS][usize::from(choice & 3)].clone();
    let (body, base64) = match choice >> 2 & 3 {
        0 => (body, false),
        1 => (body, true),
        _ => (STANDARD.encode(body), true),
    };
    let mut event = ApiGatewayV2httpRequest::default();
    event.raw_path = Some(path.clone());
    event.raw_query_string = Some(query);
    event.cookies = Some(cookies);
    event.headers = headers;
    event.body = Some(body);
    event.is_base64_encoded = base64;
    event.request_context.request_id = Some(id);
    event.request_context.stage = Some(stage);
    event.request_context.http.method = method;
    event.request_context.http.path = Some(path);
    event.request_context.http.source_ip = Some(address);
    gateway::answer(LambdaRequest::ApiGatewayV2(event));
}
