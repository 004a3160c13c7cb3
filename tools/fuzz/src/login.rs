//! The JSON body of a sign-in.

use serde_json::json;

use crate::gateway;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(body) = std::str::from_utf8(bytes) else {
        return;
    };
    let event = json!({
        "version": "2.0", "headers": { "content-type": "application/json" }, "body": body,
        "requestContext": { "http": { "method": "POST" } },
    });
    let status = gateway::answer(serde_json::from_value(event).unwrap());
    assert!(matches!(status, 200 | 400 | 413), "{status}");
    assert_eq!(status == 413, body.len() > 8192);
}
