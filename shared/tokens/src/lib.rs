//! What gatecrumb sends to a browser and reads back: Ed25519 keys as JWK Sets, access and refresh tokens, the cookies
//! that contain them, and device cookies. Pure: time and random bytes are parameters.

pub mod cookies;
mod crypto;
pub mod device;
mod jwk;
mod sign;
mod token;
mod verify;

pub use jwk::{InvalidKeys, SigningKeys, VerifyingKeys};
pub use sign::{MintError, Signer};
pub use token::{AccessToken, REFRESH_AUDIENCE_SUFFIX, RefreshToken};
pub use verify::{Authentic, Expired, Found, Invalid, Received, Verifier};
