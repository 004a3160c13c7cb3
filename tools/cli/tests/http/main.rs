//! The whole through HTTP, against the gateway of `serve`, with a cookie jar; the modules mirror the routes.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod api;
mod audit;
mod bad_input;
mod cookies;
mod disconnects;
mod faults;
mod gateway;
mod guard;
mod login;
mod logout;
mod me;
mod races;
mod refresh;
mod round_trips;
mod serve;
mod thaw;
mod throttle;
mod torn;
