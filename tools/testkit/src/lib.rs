//! What the tests share: a stand-in for the Lambda Runtime API, a browser's cookie jar over HTTP, the events and the
//! fixtures that they need, a proxy in front of DynamoDB, and the logs captured over a whole run.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test panics when it fails"
)]

pub mod alarms;
pub mod documents;
pub mod dynamodb_proxy;
pub mod events;
pub mod fixtures;
pub mod function;
pub mod host;
pub mod http;
pub mod logs;
pub mod openapi;
pub mod random;
pub mod roles;
pub mod runtime_api;
pub mod secrets;
pub mod startup;
pub mod template;
