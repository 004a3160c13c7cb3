//! The rules of gatecrumb as types and pure decisions: identifiers, users and sessions, the rotation policy, the
//! throttle.
//!
//! Nothing here performs I/O, reads a clock or draws random bytes. Time is a parameter of type [`Timestamp`]; [`Clock`]
//! and [`Randomness`] are only the traits of their sources. Tests and models can therefore drive every rule.

mod authentication;
mod claims;
mod clock;
mod digest;
mod id;
mod password_hash;
mod random;
mod role;
pub mod rotation;
mod session;
pub mod throttle;
mod timestamp;
mod user;
mod username;

pub use authentication::{
    Acr, Authentication, AuthenticationMethod, AuthenticationMethods, NoMethod, UnknownAuthentication,
};
pub use claims::{AccessClaims, RefreshClaims};
pub use clock::Clock;
pub use id::{DeviceId, InvalidId, PasswordVersion, SessionId, TokenId, UserId};
pub use password_hash::PasswordHash;
pub use random::{NoRandomness, Randomness, random_bytes};
pub use role::{InvalidRole, MAX_ROLES, Role, Roles};
pub use session::Session;
pub use timestamp::Timestamp;
pub use user::User;
pub use username::{InvalidUsername, Username, trimmed};
