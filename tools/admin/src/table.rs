use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
        TimeToLiveSpecification,
    },
};
use gatecrumb_aws::Unavailable;
use gatecrumb_store::table::Table;

/// The attribute with the time at which DynamoDB's TTL deletes an item.
const TTL_ATTRIBUTE: &str = "expires_at";

pub(crate) async fn create(table: &Table) -> Result<bool, Unavailable> {
    const OPERATION: &str = "CreateTable";
    let attribute = |name| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
    };
    let key = |name, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
    };
    let invalid =
        |error: aws_sdk_dynamodb::error::BuildError| Unavailable::because(OPERATION, error.to_string());
    let created = table
        .client()
        .create_table()
        .table_name(table.name())
        .attribute_definitions(attribute("pk").map_err(invalid)?)
        .attribute_definitions(attribute("sk").map_err(invalid)?)
        .key_schema(key("pk", KeyType::Hash).map_err(invalid)?)
        .key_schema(key("sk", KeyType::Range).map_err(invalid)?)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(SdkError::ServiceError(e)) if e.err().is_resource_in_use_exception() => return Ok(false),
        Err(error) => return Err(Unavailable::from_sdk(OPERATION, &error)),
    }
    wait_until_active(table).await?;
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name(TTL_ATTRIBUTE)
        .enabled(true)
        .build();
    table
        .client()
        .update_time_to_live()
        .table_name(table.name())
        .time_to_live_specification(ttl.map_err(invalid)?)
        .send()
        .await
        .map_err(|e| Unavailable::from_sdk("UpdateTimeToLive", &e))?;
    Ok(true)
}

async fn wait_until_active(table: &Table) -> Result<(), Unavailable> {
    const OPERATION: &str = "DescribeTable";
    for _ in 0..60 {
        let response = table
            .client()
            .describe_table()
            .table_name(table.name())
            .send()
            .await
            .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
        if response.table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Err(Unavailable::because(OPERATION, "the table did not become active"))
}
