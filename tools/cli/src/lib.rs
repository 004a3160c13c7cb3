//! The command line: `serve` runs everything on this machine; the other commands manage users, sessions and keys,
//! local or on AWS.

mod audit;
mod aws;
pub mod cli;
mod completions;
mod confirm;
mod demo;
mod doctor;
pub mod dynamodb;
mod failure;
pub mod key;
mod listen;
mod local_issuer;
mod local_keys;
mod man;
mod output;
mod password;
mod private;
pub mod serve;
mod session;
mod state;
mod stop;
mod table;
mod user;

pub use failure::Failure;
pub use key::KeySet;
