//! What gatecrumb hands to a browser and how it reads it back: Ed25519 keys as JWK Sets, access and refresh
//! tokens, the rule by which refresh tokens rotate, the cookies that carry them, device cookies, and how often a
//! password may be guessed.
//!
//! Nothing here does I/O or reads a clock. Time and random bytes come in as parameters ([`random`] is the one
//! place that draws them), so that every rule can be driven by a test or a model.

pub mod cookies;
mod crypto;
pub mod device;
mod id;
mod jwk;
pub mod random;
mod role;
pub mod rotation;
mod sign;
pub mod throttle;
mod time;
mod token;
mod verify;

pub use id::{DeviceId, InvalidId, PasswordVersion, SessionId, TokenId, UserId};
pub use jwk::{InvalidKeys, SigningKeys, VerifyingKeys};
pub use role::{InvalidRole, MAX_ROLES, Role, Roles};
pub use sign::{MintError, Signer};
pub use time::Timestamp;
pub use token::{AccessClaims, AccessToken, REFRESH_AUDIENCE_SUFFIX, RefreshClaims, RefreshToken};
pub use verify::{Authentic, Came, Expired, Found, Invalid, Verifier};
