//! What commands print: lines for people, JSON for scripts.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

use std::fmt::Display;

use serde::Serialize;

/// Prints `value` as JSON, or `text`.
pub(crate) fn result(json: bool, value: &impl Serialize, text: impl Display) {
    if json {
        // Structs of strings and numbers always serialize.
        println!("{}", serde_json::to_string_pretty(value).unwrap_or_default());
    } else {
        println!("{text}");
    }
}

pub(crate) fn line(text: impl Display) {
    println!("{text}");
}

pub(crate) fn error(failure: impl Display) {
    eprintln!("gatecrumb: {failure}");
}
