use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
        TimeToLiveSpecification, TimeToLiveStatus,
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
    match &created {
        Ok(_) => wait_until_active(table).await?,
        Err(SdkError::ServiceError(e)) if e.err().is_resource_in_use_exception() => {
            // Whoever created it may have been killed before it enabled TTL.
            if has_ttl(table).await? {
                return Ok(false);
            }
        }
        Err(error) => return Err(Unavailable::from_sdk(OPERATION, error)),
    }
    let new = created.is_ok();
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
    Ok(new)
}

async fn has_ttl(table: &Table) -> Result<bool, Unavailable> {
    let described = table
        .client()
        .describe_time_to_live()
        .table_name(table.name())
        .send()
        .await
        .map_err(|e| Unavailable::from_sdk("DescribeTimeToLive", &e))?;
    let status = described
        .time_to_live_description
        .and_then(|ttl| ttl.time_to_live_status);
    Ok(matches!(
        status,
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
    ))
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
