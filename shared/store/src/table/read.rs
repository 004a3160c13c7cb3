use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use gatecrumb_aws::{Unavailable, send};

use super::{Item, Table, Value, is_conflict};

/// The pauses before each retry of a batch's unprocessed keys.
const UNPROCESSED_BACKOFF: [Duration; 3] = [
    Duration::from_millis(20),
    Duration::from_millis(60),
    Duration::from_millis(180),
];

/// The attributes to read instead of all.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// Attributes and placeholders, separated by commas.
    pub expression: String,
    /// Placeholders and their attributes. Reserved words need one.
    pub names: Vec<(&'static str, &'static str)>,
}

impl Table {
    /// `GetItem`.
    pub async fn get(
        &self,
        operation: &'static str,
        key: Item,
        projection: Option<Projection>,
    ) -> Result<Option<Item>, Unavailable> {
        let mut get = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .consistent_read(true);
        if let Some(Projection { expression, names }) = projection {
            get = get.projection_expression(expression);
            for (placeholder, attribute) in names {
                get = get.expression_attribute_names(placeholder, attribute);
            }
        }
        let response = send(is_conflict, || get.clone().send())
            .await
            .map_err(|error| Unavailable::from_sdk(operation, &error))?;
        Ok(response.item)
    }

    /// `BatchGetItem`: the items that exist, in any order. Not a snapshot: `DynamoDB` reads each item separately.
    pub async fn batch_get<const N: usize>(
        &self,
        operation: &'static str,
        keys: [Item; N],
        projection: Option<Projection>,
    ) -> Result<Vec<Item>, Unavailable> {
        let mut request = KeysAndAttributes::builder()
            .set_keys(Some(keys.into()))
            .consistent_read(true);
        if let Some(Projection { expression, names }) = projection {
            request = request.projection_expression(expression);
            for (placeholder, attribute) in names {
                request = request.expression_attribute_names(placeholder, attribute);
            }
        }
        let mut keys = request
            .build()
            .map_err(|error| Unavailable::because(operation, error.to_string()))?;
        let mut items = Vec::new();
        let mut backoff = UNPROCESSED_BACKOFF.iter();
        loop {
            let batch = self.client.batch_get_item().request_items(&self.name, keys);
            let response = send(is_conflict, || batch.clone().send())
                .await
                .map_err(|error| Unavailable::from_sdk(operation, &error))?;
            let found = response.responses.unwrap_or_default().remove(&self.name);
            items.extend(found.unwrap_or_default());
            let Some(rest) = response.unprocessed_keys.unwrap_or_default().remove(&self.name) else {
                return Ok(items);
            };
            let Some(&pause) = backoff.next() else {
                return Err(Unavailable::because(operation, "keys remained unprocessed"));
            };
            tokio::time::sleep(pause).await;
            keys = rest;
        }
    }

    /// `Query`: all items that match the condition, from all pages.
    pub async fn query<const N: usize>(
        &self,
        operation: &'static str,
        condition: &str,
        values: [(&str, Value); N],
    ) -> Result<Vec<Item>, Unavailable> {
        let mut query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression(condition);
        for (placeholder, value) in values {
            query = query.expression_attribute_values(placeholder, value);
        }
        let mut items = Vec::new();
        loop {
            let response = send(is_conflict, || query.clone().send())
                .await
                .map_err(|error| Unavailable::from_sdk(operation, &error))?;
            items.extend(response.items.unwrap_or_default());
            if response.last_evaluated_key.is_none() {
                return Ok(items);
            }
            query = query.set_exclusive_start_key(response.last_evaluated_key);
        }
    }
}
