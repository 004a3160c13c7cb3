//! What gatecrumb sends to a browser and reads back: Ed25519 keys as JWK Sets, access and refresh tokens, the cookies
//! that contain them, and device cookies. Pure: time and random bytes are parameters.
//!
//! The feature `guard` adds the module `guard`, with which another service guards its routes, and what it shares with the
//! functions; `axum` adds extractors to it, `lambda-http` a layer. The guard's settings and clock are the only code here
//! that reads the process's environment and time.

/// The code blocks of README.md.
#[cfg(all(doctest, feature = "axum", feature = "lambda-http"))]
#[doc = include_str!("../README.md")]
pub mod readme {}

#[cfg(feature = "guard")]
pub mod config;
pub mod cookies;
#[cfg(feature = "guard")]
mod cross_origin;
mod crypto;
pub mod device;
#[cfg(feature = "guard")]
pub mod guard;
mod jwk;
mod missing;
#[cfg(feature = "guard")]
mod origins;
#[cfg(feature = "guard")]
pub mod problem;
mod sign;
mod token;
mod verify;

pub use jwk::{InvalidKeys, SigningKeys, VerifyingKeys};
pub use missing::NoAccess;
#[cfg(feature = "guard")]
pub use origins::{AllowedOrigins, InvalidOrigin};
pub use sign::{MintError, Signer};
pub use token::{AccessToken, REFRESH_AUDIENCE_SUFFIX, RefreshToken};
pub use verify::{Authentic, Expired, Found, Invalid, Received, Verifier};
