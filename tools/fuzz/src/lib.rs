//! Fuzz targets: each passes untrusted bytes to the code that parses them, and panics if an invariant fails.
//!
//! `tools/fuzz/run` runs them guided by coverage; `cargo test` replays the corpus and seeded mutations.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a target panics when an invariant fails"
)]

mod authorizer;
mod claims;
mod config;
mod cookies;
mod device;
mod event;
mod fixtures;
mod gateway;
mod jwks;
mod login;
mod phc;
mod request;
mod token;

/// A fuzz target.
#[derive(Clone, Copy)]
pub struct Target {
    /// Also the name of its folder in `corpus/`.
    pub name: &'static str,
    /// Panics if an invariant fails.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: [Target; 11] = [
    of("authorizer", authorizer::run),
    of("claims", claims::run),
    of("config", config::run),
    of("cookies", cookies::run),
    of("device", device::run),
    of("event", event::run),
    of("jwks", jwks::run),
    of("login", login::run),
    of("phc", phc::run),
    of("request", request::run),
    of("token", token::run),
];

const fn of(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// Panics if there is no such target.
#[must_use]
pub fn target(name: &str) -> Target {
    let known = TARGETS.map(|target| target.name);
    let found = TARGETS.into_iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("no target {name:?}: choose one of {known:?}"))
}
