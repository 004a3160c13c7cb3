//! What commands print: text for people, JSON for scripts.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

use std::fmt::Display;

use serde::Serialize;

/// Prints `value` as JSON, or the text.
pub(crate) fn answer(json: bool, value: &impl Serialize, text: impl Display) {
    if json {
        // Structs of texts and numbers always serialize.
        println!("{}", serde_json::to_string_pretty(value).unwrap_or_default());
    } else {
        println!("{text}");
    }
}

/// Prints a text.
pub(crate) fn say(text: impl Display) {
    println!("{text}");
}

/// Says what went wrong.
pub(crate) fn error(failure: impl Display) {
    eprintln!("gatecrumb: {failure}");
}
