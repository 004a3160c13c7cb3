//! The table's keys, and items to and from Rust.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use gatecrumb_domain::{SessionId, Timestamp, UserId, Username};
use serde::de::DeserializeOwned;

use crate::Unavailable;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) const LOGIN: &str = "LOGIN";
pub(crate) const USER: &str = "USER";
/// The sort key of the item that holds the password's hash: in a partition of its own, which IAM can keep from a role
/// (`dynamodb:LeadingKeys`).
pub(crate) const PASSWORD: &str = "PASSWORD";
pub(crate) const SESSION_PREFIX: &str = "SESSION#";
const USER_PREFIX: &str = "USER#";

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn time(value: Timestamp) -> AttributeValue {
    number(value.0)
}

pub(crate) fn login_pk(username: &Username) -> String {
    format!("LOGIN#{}", username.as_str())
}

pub(crate) fn user_pk(user: &UserId) -> String {
    format!("{USER_PREFIX}{user}")
}

pub(crate) fn password_pk(user: &UserId) -> String {
    format!("PASSWORD#{user}")
}

pub(crate) fn session_sk(session: &SessionId) -> String {
    format!("{SESSION_PREFIX}{session}")
}

pub(crate) fn key(pk: String, sk: String) -> Item {
    Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

pub(crate) fn login_key(username: &Username) -> Item {
    key(login_pk(username), LOGIN.to_owned())
}

pub(crate) fn user_key(user: &UserId) -> Item {
    key(user_pk(user), USER.to_owned())
}

pub(crate) fn password_key(user: &UserId) -> Item {
    key(password_pk(user), PASSWORD.to_owned())
}

pub(crate) fn session_key(user: &UserId, session: &SessionId) -> Item {
    key(user_pk(user), session_sk(session))
}

/// The identifier in a key such as `USER#…`.
pub(crate) fn id_in<T: TryFrom<String>>(key: &str, prefix: &str) -> Option<T> {
    key.strip_prefix(prefix)?.to_owned().try_into().ok()
}

pub(crate) fn user_id_in(pk: &str) -> Option<UserId> {
    id_in(pk, USER_PREFIX)
}

/// Reads an item; one that cannot be read was not written by us.
pub(crate) fn read<T: DeserializeOwned>(operation: &'static str, item: Item) -> Result<T, Unavailable> {
    // serde_dynamo's errors name fields and types, not values.
    serde_dynamo::from_item(item)
        .map_err(|error| Unavailable::because(operation, format!("unreadable item: {error}")))
}
