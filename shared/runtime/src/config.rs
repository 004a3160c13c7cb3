//! Configuration, read once from an injected lookup. What is wrong stops the start with one line that names the
//! variable, its fault and the mend.

#[cfg(feature = "device")]
mod device;
mod environment;
mod lifetimes;
mod settings;
#[cfg(feature = "signing")]
mod signing;

#[cfg(feature = "device")]
pub use device::DeviceConfig;
pub use environment::{ConfigError, Environment};
pub use settings::{Config, sessions_not_before};
#[cfg(feature = "signing")]
pub use signing::SigningConfig;
