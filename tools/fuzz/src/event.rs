//! An event as JSON: all that Lambda passes to a function. Any JSON value gets a well-formed response.

use gatecrumb_web::Event;
use serde::de::IgnoredAny;

use crate::gateway;

pub(crate) fn run(bytes: &[u8]) {
    // Like the runtime, which exits if the bytes are not UTF-8.
    let Ok(json) = std::str::from_utf8(bytes) else {
        return;
    };
    match serde_json::from_str::<Event>(json) {
        Ok(event) => drop(gateway::answer(event)),
        Err(_) => assert!(
            serde_json::from_str::<IgnoredAny>(json).is_err(),
            "JSON that is not read as an event"
        ),
    }
}
