//! What the tests share: a stand-in for the Lambda Runtime API, a browser's cookie jar over HTTP, the events and
//! their world, an interposer before DynamoDB, and the logs captured over a whole run.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

pub mod alarms;
pub mod events;
pub mod faulty;
pub mod freezer;
pub mod function;
pub mod gate;
pub mod http;
pub mod interposer;
pub mod logs;
pub mod openapi;
pub mod runtime_api;
pub mod secrets;
pub mod startup;
pub mod template;
pub mod torn;
pub mod world;
