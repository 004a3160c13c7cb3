//! Settings from the variables that the functions read. A missing or invalid variable is one line that names it, the
//! problem and the fix.

pub mod cookies;
mod environment;
pub mod origins;
pub mod tokens;

pub use environment::{ConfigError, Environment};
