//! Runs a function: the host's clock and randomness, the environment, configuration, logs, and the Lambda Runtime API.

pub mod config;
mod host;
pub mod log;
mod run;

pub use gatecrumb_tokens::{
    config::{ConfigError, Environment},
    guard::SystemClock,
};
pub use host::{Host, SystemRandomness, now};
pub use run::run;
