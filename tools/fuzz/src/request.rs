//! The parts of a request that a client controls, in an event as API Gateway builds it. (The target `event` covers the
//! parsing of the event's JSON.)
//!
//! The first byte chooses the method and whether the body is in base64. The parts follow, separated by 0xFF, a byte that
//! UTF-8 never contains: path, query, body, address, request id, stage, and pairs of header names and values.

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
    assert_eq!(event.unsupported(), None);
    gateway::answer(event);
}
