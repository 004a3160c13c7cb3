//! Passwords: argon2id (RFC 9106) in PHC strings, on dedicated threads, in memory that is reused and wiped.
//!
//! Faulting in an arena's pages takes up to twice as long as the hash itself (10 ms; 4 to 13 ms for 19 MiB), so each
//! thread keeps its arena. Salts are a parameter.

mod arena;
mod cost;
mod hasher;
mod password;
mod phc;
mod threads;

pub use cost::{Cost, InvalidCost};
pub use hasher::{Hasher, HashingFailed, Verdict, Verification};
pub use password::{Password, UnfitPassword};
pub use phc::UnusableHash;

/// The length of a new hash's salt in bytes (RFC 9106 section 3.1).
pub const SALT_BYTES: usize = 16;
