//! What a function runs on: the host's clock and randomness, environment and configuration, logs, and the Lambda
//! Runtime API.

mod config;
mod host;
pub mod log;
mod run;

#[cfg(feature = "device")]
pub use config::DeviceConfig;
#[cfg(feature = "signing")]
pub use config::SigningConfig;
pub use config::{Config, ConfigError, Environment, sessions_not_before};
pub use host::{Host, SystemClock, SystemRandomness, now};
pub use run::run;
