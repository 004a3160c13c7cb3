//! Passwords: argon2id (RFC 9106) in PHC strings, on threads of their own, in memory that is reused and wiped.
//!
//! To fault an arena's pages in takes up to twice as long as the hash itself (10 ms; 4 to 13 ms for 19 MiB), so each
//! thread keeps its arena. Salts come in as a parameter.

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

/// Bytes of salt that a new hash wants (RFC 9106 section 3.1).
pub const SALT_BYTES: usize = 16;
