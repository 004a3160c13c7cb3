//! A request's parts, which API Gateway puts into an event as they came: what a stranger chooses freely.
//! (That an event is read from JSON as it should is the affair of the target `event`.)
//!
//! The first byte chooses the method and whether the body comes in base64; then, apart by 0xFF (which no text of
//! UTF-8 holds): path, query, body, address, request id, stage, and pairs of header names and values.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use gatecrumb_web::Event;
use serde_json::{Map, json};

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
    let mut headers = Map::new();
    let mut cookies = Vec::new();
    while let Some(name) = parts.next() {
        let (name, value) = (name.to_ascii_lowercase(), parts.next().unwrap_or_default());
        if name == "cookie" {
            cookies.push(value);
        } else {
            headers.insert(name, json!(value));
        }
    }
    let method = ["POST", "GET", "PUT", "OPTIONS"][usize::from(choice & 3)];
    let (body, base64) = match choice >> 2 & 3 {
        0 => (body, false),
        1 => (body, true),
        _ => (STANDARD.encode(body), true),
    };
    let event = json!({
        "version": "2.0", "rawPath": path, "rawQueryString": query, "cookies": cookies, "headers": headers,
        "body": body, "isBase64Encoded": base64,
        "requestContext": {
            "requestId": id, "stage": stage, "http": { "method": method, "path": path, "sourceIp": address },
        },
    });
    let event: Event = serde_json::from_value(event).unwrap();
    assert_eq!(event.foreign(), None);
    gateway::answer(event);
}
