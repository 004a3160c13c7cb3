//! The flows against the embedded DynamoDB, in process. Time is a parameter and randomness is a counter.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod audit;
mod current_session;
mod fixtures;
mod log;
mod session_cookies;
mod set_cookie;
mod sign_in;
mod throttle;
