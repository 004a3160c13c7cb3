//! What gatecrumb hands to a browser and how it reads it back: Ed25519 keys as JWK Sets, access and refresh tokens,
//! the cookies that carry them, and device cookies. Pure: time and random bytes come in as parameters.

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
pub use verify::{Authentic, Came, Expired, Found, Invalid, Verifier};
