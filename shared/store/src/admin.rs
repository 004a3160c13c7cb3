//! What only an operator may do: create the table, manage users, look at sessions. No function links it.
//!
//! Every change that ends a user's sessions moves the epoch on in the same write.

mod sessions;
mod table;
mod users;

pub use users::{Account, Change, CreateError, NewUser, Profile, RenameError};
