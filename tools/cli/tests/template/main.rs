//! `template.yaml` against what the code does.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

mod alarms;
mod api;
mod authorizers;
mod configuration;
mod parameters;
mod roles;
mod secrets;
mod stack;

fn root_file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
