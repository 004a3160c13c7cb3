//! Items to and from Rust.

use std::collections::HashMap;

pub use aws_sdk_dynamodb::types::AttributeValue as Value;
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// An item, or the key of one.
pub type Item = HashMap<String, Value>;

/// A string.
pub fn text(value: impl Into<String>) -> Value {
    Value::S(value.into())
}

/// A number.
#[must_use]
pub fn number(value: u64) -> Value {
    Value::N(value.to_string())
}

/// A time, in seconds since 1970, as TTL reads it.
#[must_use]
pub fn time(value: Timestamp) -> Value {
    number(value.0)
}

/// A boolean.
#[must_use]
pub fn boolean(value: bool) -> Value {
    Value::Bool(value)
}

/// A list of strings.
pub fn list(values: impl IntoIterator<Item = impl Into<String>>) -> Value {
    Value::L(values.into_iter().map(text).collect())
}

/// An item's key.
#[must_use]
pub fn key(pk: String, sk: String) -> Item {
    Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// Reads an item; one that cannot be read was not written by us.
pub fn read<T: DeserializeOwned>(operation: &'static str, item: Item) -> Result<T, Unavailable> {
    // serde_dynamo's errors name fields and types, not values.
    serde_dynamo::from_item(item)
        .map_err(|error| Unavailable::because(operation, format!("unreadable item: {error}")))
}

/// The item that a value is written as.
pub fn write(operation: &'static str, value: impl Serialize) -> Result<Item, Unavailable> {
    serde_dynamo::to_item(value)
        .map_err(|error| Unavailable::because(operation, format!("unwritable item: {error}")))
}
