use crate::{Roles, UserId};

/// A user as stored. The password hash is a separate item.
#[derive(Clone, Debug)]
pub struct User {
    /// Never changes, never reused.
    pub id: UserId,
    /// The sign-in name.
    pub username: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The roles, which access tokens contain.
    pub roles: Roles,
    /// Whether the user may sign in.
    pub active: bool,
    /// A session is over unless its epoch equals this. Incrementing it ends all sessions of the user.
    pub session_epoch: u64,
}
