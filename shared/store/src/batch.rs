use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use crate::{Store, Unavailable, call::send, item::Item};

/// Tries of a batch whose keys came back unprocessed, with the pause before each repetition.
const UNPROCESSED_BACKOFF: [Duration; 3] = [
    Duration::from_millis(20),
    Duration::from_millis(60),
    Duration::from_millis(180),
];

impl Store {
    /// The items of a `BatchGetItem`, in any order. It is no snapshot: `DynamoDB` reads each item by itself.
    pub(crate) async fn batch(
        &self,
        operation: &'static str,
        mut keys: KeysAndAttributes,
    ) -> Result<Vec<Item>, Unavailable> {
        let mut items = Vec::new();
        let mut backoff = UNPROCESSED_BACKOFF.iter();
        loop {
            let batch = self.client.batch_get_item().request_items(&self.table, keys);
            let answer = send(|| batch.clone().send())
                .await
                .map_err(|e| Unavailable::from_sdk(operation, &e))?;
            let found = answer.responses.unwrap_or_default().remove(&self.table);
            items.extend(found.unwrap_or_default());
            let Some(rest) = answer.unprocessed_keys.unwrap_or_default().remove(&self.table) else {
                return Ok(items);
            };
            let Some(&pause) = backoff.next() else {
                return Err(Unavailable::because(operation, "keys stay unprocessed"));
            };
            tokio::time::sleep(pause).await;
            keys = rest;
        }
    }
}
