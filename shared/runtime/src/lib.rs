//! Runs a function: the host's clock and randomness, the environment, configuration, logs, and the Lambda Runtime API.

pub mod config;
mod environment;
mod host;
pub mod log;
mod run;

pub use environment::{ConfigError, Environment};
pub use host::{Host, SystemClock, SystemRandomness, now};
pub use run::run;
