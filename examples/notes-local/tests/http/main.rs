//! The notes API over HTTP, beside a running `gatecrumb serve`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

mod access;
mod faults;
mod notes;
mod stack;
mod template;
