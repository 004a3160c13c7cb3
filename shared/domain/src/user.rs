use crate::{Roles, UserId};

/// A user. The password's hash is in an item of its own.
#[derive(Clone, Debug)]
pub struct User {
    /// Never changes, never reused.
    pub id: UserId,
    /// The sign-in name.
    pub username: String,
    /// Where to reach them.
    pub email: Option<String>,
    /// How to address them.
    pub name: Option<String>,
    /// What they may do.
    pub roles: Roles,
    /// Whether they may sign in.
    pub active: bool,
    /// Sessions opened under another epoch are over.
    pub session_epoch: u64,
}
