//! Connections against the embedded DynamoDB, through the real SDK over HTTP.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod warm_up;
