//! The keys of the table's items, as `docs/architecture.md` lists them.

use gatecrumb_domain::{SessionId, UserId, Username};

use crate::table::{Item, key};

/// The sort key of users.
pub const USER: &str = "USER";
pub(crate) const PASSWORD: &str = "PASSWORD";
/// The prefix of sessions' sort keys.
pub const SESSION_PREFIX: &str = "SESSION#";
const USER_PREFIX: &str = "USER#";

/// The partition of a user and the user's sessions.
#[must_use]
pub fn user_pk(user: &UserId) -> String {
    format!("{USER_PREFIX}{user}")
}

/// The key of the item that claims a sign-in name.
#[must_use]
pub fn login_key(username: &Username) -> Item {
    key(format!("LOGIN#{}", username.as_str()), "LOGIN".to_owned())
}

/// A user's key.
#[must_use]
pub fn user_key(user: &UserId) -> Item {
    key(user_pk(user), USER.to_owned())
}

/// The key of the password's hash. It has its own partition, so that IAM can deny it to a role
/// (`dynamodb:LeadingKeys`).
#[must_use]
pub fn password_key(user: &UserId) -> Item {
    key(format!("PASSWORD#{user}"), PASSWORD.to_owned())
}

pub(crate) fn session_key(user: &UserId, session: &SessionId) -> Item {
    key(user_pk(user), session_sk(session))
}

pub(crate) fn session_sk(session: &SessionId) -> String {
    format!("{SESSION_PREFIX}{session}")
}

/// The identifier in a key such as `SESSION#…`.
pub(crate) fn id_in<T: TryFrom<String>>(key: &str, prefix: &str) -> Option<T> {
    key.strip_prefix(prefix)?.to_owned().try_into().ok()
}

pub(crate) fn user_id_in(pk: &str) -> Option<UserId> {
    id_in(pk, USER_PREFIX)
}
