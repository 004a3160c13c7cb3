//! Connections against the embedded DynamoDB, through the real SDK over HTTP.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

mod warm_up;
