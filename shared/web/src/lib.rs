//! The edge that gatecrumb's four functions share: configuration, the guard against cross-site requests, bounded
//! JSON, problem answers (RFC 9457), the headers of every answer, logs, and the Lambda runtime around it all.

mod address;
mod answer;
pub mod audit;
pub mod clock;
mod codes;
mod config;
mod edge;
mod event;
mod guard;
mod host;
#[cfg(feature = "signing")]
mod issue;
pub mod lambda;
pub mod log;
mod origins;
mod problem;
mod request;
mod user_view;

pub use answer::Answer;
#[cfg(feature = "device")]
pub use config::DeviceConfig;
#[cfg(feature = "signing")]
pub use config::SigningConfig;
pub use config::{Config, ConfigError, Environment, Proxy, sessions_not_before};
pub use edge::{Function, edge};
pub use event::Event;
pub use host::{Host, SystemClock, SystemRandomness};
#[cfg(feature = "signing")]
pub use issue::Issuer;
pub use origins::{AllowedOrigins, InvalidOrigin};
pub use problem::{Problem, Refusal};
pub use request::Request;
pub use user_view::UserView;
