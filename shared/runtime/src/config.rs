//! Configuration by sections. A function reads only the sections that it needs, once, when it starts; what it does not read
//! it cannot refuse. A missing or wrong variable stops the start with one line that names it, the problem and the fix.

pub mod aws;
pub mod cookies;
#[cfg(feature = "device")]
pub mod device;
#[cfg(any(feature = "device", feature = "signing"))]
mod key_source;
pub mod origins;
pub mod proxy;
pub mod sessions;
#[cfg(feature = "signing")]
pub mod signing;
pub mod table;
pub mod tokens;
