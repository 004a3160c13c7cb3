//! Notes of the signed-in user: an API in a stack of its own, for users who signed in with gatecrumb. [`Api`] handles
//! every route; the library `gatecrumb-tokens` says who is calling.

mod api;
mod note;
mod problem;
mod route;
mod table;

pub use api::Api;
pub use note::{InvalidText, MAX_CHARACTERS, MAX_NOTES, Note, NoteId, Text};
pub use table::{KEYS, Table, Unavailable};
