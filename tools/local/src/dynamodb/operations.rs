//! Runs DynamoDB requests on the engine.

use dynoxide::{Database, DynoxideError, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{Engine, StorageFault};

pub(crate) const INTERNAL_ERROR: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}"#;

/// Names an error that the SDK does not retry.
pub(crate) const ANOTHER_INSTANCE: &str = r#"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"another gatecrumb listens here now: run the command again"}"#;

/// The operation that the header `x-amz-target` names, such as `DynamoDB_20120810.GetItem`.
pub(crate) fn named(target: Option<&str>) -> &str {
    target
        .and_then(|target| target.split_once('.'))
        .map_or("", |(_, operation)| operation)
}

impl Engine {
    /// Returns the status and the JSON of the response, or what is wrong with the file.
    pub(crate) fn run(
        &self,
        operation: &str,
        body: &[u8],
    ) -> std::result::Result<(u16, String), StorageFault> {
        let error = match dispatch(&self.database, operation, body) {
            Ok(json) => return Ok((200, json)),
            Err(error) => error,
        };
        let file = self.file.as_deref();
        match file.and_then(|file| StorageFault::running(file, &error)) {
            Some(fault) => Err(fault),
            None => Ok((error.status_code(), error.to_json())),
        }
    }
}

/// The engine creates and deletes a table in two steps. Between them, a table has a name and no items, and every request
/// for an item fails. If the process ends there, the table can only be created anew.
pub(crate) fn remove_half_made_tables(db: &Database) -> Result<()> {
    let tables: TableNames = read(&dispatch(db, "ListTables", b"{}")?)?;
    for name in tables.table_names {
        let first = json!({ "TableName": name, "Limit": 1 }).to_string();
        match dispatch(db, "Scan", first.as_bytes()) {
            Ok(_) => {}
            Err(error) if error.to_string().contains("no such table") => {
                let table = json!({ "TableName": name }).to_string();
                dispatch(db, "DeleteTable", table.as_bytes())?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct TableNames {
    #[serde(rename = "TableNames")]
    table_names: Vec<String>,
}

fn read<A: DeserializeOwned>(json: &str) -> Result<A> {
    serde_json::from_str(json).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// Supports the operations that the SDK, the AWS command line and the tests use.
fn dispatch(db: &Database, operation: &str, body: &[u8]) -> Result<String> {
    match operation {
        "BatchGetItem" => call(body, |request| db.batch_get_item(request)),
        "BatchWriteItem" => call(body, |request| db.batch_write_item(request)),
        "CreateTable" => call(body, |request| db.create_table(request)),
        "DeleteItem" => call(body, |request| db.delete_item(request)),
        "DeleteTable" => call(body, |request| db.delete_table(request)),
        "DescribeTable" => call(body, |request| db.describe_table(request)),
        "DescribeTimeToLive" => call(body, |request| db.describe_time_to_live(request)),
        "GetItem" => call(body, |request| db.get_item(request)),
        "ListTables" => call(body, |request| db.list_tables(request)),
        "PutItem" => call(body, |request| db.put_item(request)),
        "Query" => call(body, |request| db.query(request)),
        "Scan" => call(body, |request| db.scan(request)),
        "TransactGetItems" => call(body, |request| db.transact_get_items(request)),
        "TransactWriteItems" => call(body, |request| db.transact_write_items(request)),
        "UpdateItem" => call(body, |request| db.update_item(request)),
        "UpdateTimeToLive" => call(body, |request| db.update_time_to_live(request)),
        _ => Err(DynoxideError::ValidationException(
            "the local DynamoDB does not support this operation".to_owned(),
        )),
    }
}

fn call<Q: DeserializeOwned, A: Serialize>(body: &[u8], run: impl FnOnce(Q) -> Result<A>) -> Result<String> {
    let request = serde_json::from_slice(body).map_err(|error| deserialization_error(&error.to_string()))?;
    let output = run(request)?;
    serde_json::to_string(&output).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The engine's deserializers add a prefix to the error if a value has the right type but is invalid.
fn deserialization_error(message: &str) -> DynoxideError {
    match message
        .strip_prefix("VALIDATION:")
        .or_else(|| message.strip_prefix("VALIDATION_REQUEST:"))
    {
        Some(message) => DynoxideError::ValidationException(message.to_owned()),
        None => DynoxideError::SerializationException(message.to_owned()),
    }
}
