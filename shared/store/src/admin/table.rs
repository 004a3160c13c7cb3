use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
        TimeToLiveSpecification,
    },
};

use crate::{Store, Unavailable};

/// The attribute whose time DynamoDB's TTL sweeps by.
const TTL_ATTRIBUTE: &str = "expires_at";

impl Store {
    /// Creates the table unless it exists, as `template.yaml` does, and says whether it was created.
    pub async fn create_table(&self) -> Result<bool, Unavailable> {
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
        let created = self
            .client
            .create_table()
            .table_name(&self.table)
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
        self.wait_until_active().await?;
        let ttl = TimeToLiveSpecification::builder()
            .attribute_name(TTL_ATTRIBUTE)
            .enabled(true)
            .build();
        self.client
            .update_time_to_live()
            .table_name(&self.table)
            .time_to_live_specification(ttl.map_err(invalid)?)
            .send()
            .await
            .map_err(|e| Unavailable::from_sdk("UpdateTimeToLive", &e))?;
        Ok(true)
    }

    async fn wait_until_active(&self) -> Result<(), Unavailable> {
        const OPERATION: &str = "DescribeTable";
        for _ in 0..60 {
            let answer = self
                .client
                .describe_table()
                .table_name(&self.table)
                .send()
                .await
                .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
            if answer.table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err(Unavailable::because(
            OPERATION,
            "the table does not become active",
        ))
    }
}
