//! Fuzz targets: each takes a stranger's bytes to the code that reads them, and panics when something that must
//! hold does not. `tools/fuzz/run` drives them by coverage; `cargo test` replays the corpus and seeded mutations.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a target's way to tell is to panic"
)]

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
    /// Its name, and that of its folder in `corpus/`.
    pub name: &'static str,
    /// Panics when what must hold does not.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 10] = [
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

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Target {
    let known = TARGETS.map(|target| target.name);
    let found = TARGETS.into_iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("no target {name:?}: choose one of {known:?}"))
}
