//! Replaces AWS on a developer's machine and in tests: the local gateway for API Gateway and Lambda, and an embedded
//! DynamoDB.

mod dynamodb;
pub mod fixtures;
pub mod functions;
pub mod gateway;

pub use dynamodb::{CHALLENGE, DynamoDb, Instance, StorageFault};
