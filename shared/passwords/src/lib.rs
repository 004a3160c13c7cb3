//! Passwords: argon2id (RFC 9106) in PHC strings, off the async thread, in memory that is reused and wiped.
//!
//! An arena's pages cost as much to fault in as the hash itself takes (18 ms against 10.6 ms for 19 MiB), so a
//! process keeps its arenas. Salts come in as a parameter.

mod arena;
mod cost;
mod hasher;
mod password;
mod stored;
mod threads;

pub use cost::{Cost, InvalidCost};
pub use hasher::{Hasher, HashingFailed, Verdict, Verification};
pub use password::{Password, UnfitPassword};
pub use stored::{StoredHash, UnusableHash};

/// Bytes of salt that a new hash wants (RFC 9106 section 3.1).
pub const SALT_BYTES: usize = 16;
