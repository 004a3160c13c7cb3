//! The whole API over HTTP, against the gateway of `serve`, with a cookie jar. The modules mirror the routes.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

mod api;
mod audit;
mod bad_input;
mod cookies;
mod cross_origin;
mod disconnects;
mod exact;
mod faults;
mod first_start;
mod gateway;
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
