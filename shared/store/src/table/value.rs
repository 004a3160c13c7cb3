//! Conversions between items and Rust types.

use std::collections::HashMap;

pub use aws_sdk_dynamodb::types::AttributeValue as Value;
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// An item or a key.
pub type Item = HashMap<String, Value>;

/// A string.
pub fn string(value: impl Into<String>) -> Value {
    Value::S(value.into())
}

/// A number.
#[must_use]
pub fn number(value: u64) -> Value {
    Value::N(value.to_string())
}

/// A time in seconds since 1970, the format of TTL.
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
    Value::L(values.into_iter().map(string).collect())
}

/// An item's key.
#[must_use]
pub fn key(pk: String, sk: String) -> Item {
    Item::from([("pk".to_owned(), string(pk)), ("sk".to_owned(), string(sk))])
}

/// Reads an item. An error means that something else wrote it.
pub fn from_item<T: DeserializeOwned>(operation: &'static str, item: Item) -> Result<T, Unavailable> {
    // serde_dynamo's errors contain fields and types, but no values.
    serde_dynamo::from_item(item)
        .map_err(|error| Unavailable::because(operation, format!("unreadable item: {error}")))
}

/// Converts a value to an item.
pub fn to_item(operation: &'static str, value: impl Serialize) -> Result<Item, Unavailable> {
    serde_dynamo::to_item(value)
        .map_err(|error| Unavailable::because(operation, format!("unwritable item: {error}")))
}
