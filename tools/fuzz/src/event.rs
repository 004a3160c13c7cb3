//! An event as JSON: the whole of what Lambda hands to a function. Any JSON value gets a well-formed answer.

use gatecrumb_web::Event;
use serde::de::IgnoredAny;

use crate::gateway;

pub(crate) fn run(bytes: &[u8]) {
    // As the runtime does, and it ends when the bytes are no text.
    let Ok(json) = std::str::from_utf8(bytes) else {
        return;
    };
    match serde_json::from_str::<Event>(json) {
        Ok(event) => drop(gateway::answer(event)),
        Err(_) => assert!(
            serde_json::from_str::<IgnoredAny>(json).is_err(),
            "JSON that is no event"
        ),
    }
}
