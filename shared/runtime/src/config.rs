//! Configuration by sections. At startup, a function reads only the sections that it needs, so that a variable of another
//! section cannot stop it. A missing or invalid variable stops startup with one line that names it, the problem and the
//! fix.

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "device")]
pub mod device;
#[cfg(any(feature = "device", feature = "signing"))]
mod key_source;
pub mod proxy;
pub mod sessions;
#[cfg(feature = "signing")]
pub mod signing;
#[cfg(feature = "aws")]
pub mod table;

pub use gatecrumb_tokens::config::{cookies, origins, tokens};
