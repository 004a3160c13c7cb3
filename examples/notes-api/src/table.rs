//! The table: the notes of each user, and beside them the number of notes of each user. A transaction changes both, so
//! that the number is right and limits the notes.

use std::{collections::HashMap, time::Duration};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Delete, Put, TransactWriteItem, Update, builders::UpdateBuilder},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use gatecrumb_domain::UserId;

use crate::{MAX_NOTES, Note, NoteId, Text};

/// The attributes of the table's key: partition and sort key, both strings.
pub const KEYS: [&str; 2] = ["owner", "id"];

/// The partition of the numbers. It cannot be one of a user, because those begin with `user#`.
const COUNTS: &str = "counts";
const PAGE: i32 = 100;
/// The pauses before each further try after a conflict with another request of the same user.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(20),
    Duration::from_millis(60),
    Duration::from_millis(180),
];

type Item = HashMap<String, AttributeValue>;

/// DynamoDB failed, or did not respond in time. The cause is for the log: it contains no item.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct Unavailable {
    operation: &'static str,
    cause: String,
}

/// The table of the notes.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

/// Numbers of notes by user.
#[derive(Debug)]
pub struct Counts {
    /// In the order of their ids.
    pub counts: Vec<(UserId, u32)>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<UserId>,
}

/// The result of a transaction: all of its writes were applied, or none.
enum Transaction {
    Done,
    /// For each write, whether its condition failed.
    Refused(Vec<bool>),
    Conflict,
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            name: name.into(),
        }
    }

    /// A user's notes, the newest first: at most [`MAX_NOTES`], less than the megabyte of one query.
    pub async fn notes(&self, user: &UserId) -> Result<Vec<Note>, Unavailable> {
        const OPERATION: &str = "Query of notes";
        let items = self.items_of(OPERATION, user).await?;
        let notes: Option<Vec<Note>> = items.iter().map(note_of).collect();
        let mut notes = notes.ok_or_else(|| unreadable(OPERATION))?;
        notes.sort_by_key(|note| (std::cmp::Reverse(note.created_at), note.id.to_string()));
        Ok(notes)
    }

    /// Adds a note. `false` if the user has [`MAX_NOTES`] already.
    pub async fn add(&self, user: &UserId, note: &Note) -> Result<bool, Unavailable> {
        const OPERATION: &str = "TransactWriteItems to add a note";
        let mut item = key(&owner(user), &note.id.to_string());
        item.insert(
            "text".to_owned(),
            AttributeValue::S(note.text.as_str().to_owned()),
        );
        item.insert(
            "created_at".to_owned(),
            AttributeValue::N(note.created_at.to_string()),
        );
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#owner)")
            .expression_attribute_names("#owner", KEYS[0]);
        let count = self
            .change_of_count(user, 1)
            .condition_expression("attribute_not_exists(notes) OR notes < :max")
            .expression_attribute_values(":max", AttributeValue::N(MAX_NOTES.to_string()));
        let writes = || -> Result<_, BuildError> {
            Ok(vec![
                TransactWriteItem::builder().put(put.clone().build()?).build(),
                TransactWriteItem::builder()
                    .update(count.clone().build()?)
                    .build(),
            ])
        };
        let writes = writes().map_err(|error| because(OPERATION, error.to_string()))?;
        match self.transact_patiently(OPERATION, &writes).await? {
            None => Ok(true),
            Some(failed) if failed.get(1) == Some(&true) => Ok(false),
            Some(_) => Err(because(OPERATION, "the new id is in use")),
        }
    }

    /// Deletes a note. `false` if the user has none with this id.
    pub async fn remove(&self, user: &UserId, id: NoteId) -> Result<bool, Unavailable> {
        const OPERATION: &str = "TransactWriteItems to delete a note";
        let writes = self.removal(user, vec![key(&owner(user), &id.to_string())]);
        let writes = writes.map_err(|error| because(OPERATION, error.to_string()))?;
        Ok(self.transact_patiently(OPERATION, &writes).await?.is_none())
    }

    /// Deletes the notes that a user has now, all or none of them.
    pub async fn remove_all(&self, user: &UserId) -> Result<(), Unavailable> {
        const OPERATION: &str = "TransactWriteItems to delete all notes";
        let mut pauses = PAUSES.iter();
        loop {
            let items = self.items_of(OPERATION, user).await?;
            if items.is_empty() {
                return Ok(());
            }
            let keys = items.into_iter().map(only_key).collect();
            let writes = self.removal(user, keys);
            let writes = writes.map_err(|error| because(OPERATION, error.to_string()))?;
            match self.transact(OPERATION, &writes).await? {
                Transaction::Done => return Ok(()),
                // Another request deleted one of them: read again.
                Transaction::Refused(_) | Transaction::Conflict => match pauses.next() {
                    Some(pause) => tokio::time::sleep(*pause).await,
                    None => return Err(because(OPERATION, "conflicts on every try")),
                },
            }
        }
    }

    /// A page of the numbers of notes, of users after this one.
    pub async fn counts(&self, after: Option<&UserId>) -> Result<Counts, Unavailable> {
        const OPERATION: &str = "Query of counts";
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", KEYS[0])
            .expression_attribute_values(":owner", AttributeValue::S(COUNTS.to_owned()))
            .set_exclusive_start_key(after.map(|user| key(COUNTS, user.as_str())))
            .limit(PAGE);
        let found = query
            .send()
            .await
            .map_err(|error| unavailable(OPERATION, &error))?;
        let items = found.items.unwrap_or_default();
        let counts: Option<Vec<_>> = items.iter().map(count_of).collect();
        let next = found.last_evaluated_key.as_ref().map(user_of);
        match (counts, next) {
            (Some(counts), None) => Ok(Counts { counts, next: None }),
            (Some(counts), Some(Some(next))) => Ok(Counts {
                counts,
                next: Some(next),
            }),
            _ => Err(unreadable(OPERATION)),
        }
    }

    async fn items_of(&self, operation: &'static str, user: &UserId) -> Result<Vec<Item>, Unavailable> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", KEYS[0])
            .expression_attribute_values(":owner", AttributeValue::S(owner(user)))
            .consistent_read(true);
        let found = query
            .send()
            .await
            .map_err(|error| unavailable(operation, &error))?;
        Ok(found.items.unwrap_or_default())
    }

    fn change_of_count(&self, user: &UserId, change: i64) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(COUNTS, user.as_str())))
            .update_expression("ADD notes :change")
            .expression_attribute_values(":change", number(change))
    }

    /// Deletes these notes and subtracts their number.
    fn removal(&self, user: &UserId, keys: Vec<Item>) -> Result<Vec<TransactWriteItem>, BuildError> {
        let fewer = -i64::try_from(keys.len()).unwrap_or(0);
        let delete = |key: Item| -> Result<_, BuildError> {
            let delete = Delete::builder()
                .table_name(&self.name)
                .set_key(Some(key))
                .condition_expression("attribute_exists(#owner)")
                .expression_attribute_names("#owner", KEYS[0])
                .build()?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        };
        let mut writes = keys.into_iter().map(delete).collect::<Result<Vec<_>, _>>()?;
        let count = self.change_of_count(user, fewer).build()?;
        writes.push(TransactWriteItem::builder().update(count).build());
        Ok(writes)
    }

    /// `None` if it was applied, or which conditions failed. Tries again after conflicts.
    async fn transact_patiently(
        &self,
        operation: &'static str,
        writes: &[TransactWriteItem],
    ) -> Result<Option<Vec<bool>>, Unavailable> {
        let mut pauses = PAUSES.iter();
        loop {
            match self.transact(operation, writes).await? {
                Transaction::Done => return Ok(None),
                Transaction::Refused(failed) => return Ok(Some(failed)),
                Transaction::Conflict => match pauses.next() {
                    Some(pause) => tokio::time::sleep(*pause).await,
                    None => return Err(because(operation, "conflicts on every try")),
                },
            }
        }
    }

    /// The SDK adds a token to each request, so that its own retries apply the writes once.
    async fn transact(
        &self,
        operation: &'static str,
        writes: &[TransactWriteItem],
    ) -> Result<Transaction, Unavailable> {
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes.to_vec()));
        let Err(error) = request.send().await else {
            return Ok(Transaction::Done);
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
            error.as_service_error()
        {
            let reasons = canceled.cancellation_reasons();
            let with = |code: &str| -> Vec<bool> {
                let codes = reasons.iter().map(|reason| reason.code());
                codes.map(|found| found == Some(code)).collect()
            };
            let failed = with("ConditionalCheckFailed");
            if failed.contains(&true) {
                return Ok(Transaction::Refused(failed));
            }
            if with("TransactionConflict").contains(&true) {
                return Ok(Transaction::Conflict);
            }
        }
        Err(unavailable(operation, &error))
    }
}

fn owner(user: &UserId) -> String {
    format!("user#{}", user.as_str())
}

fn key(owner: &str, id: &str) -> Item {
    [(KEYS[0], owner), (KEYS[1], id)]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
        .into()
}

fn only_key(mut item: Item) -> Item {
    item.retain(|name, _| KEYS.contains(&name.as_str()));
    item
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn note_of(item: &Item) -> Option<Note> {
    Some(Note {
        id: NoteId::parse(item.get("id")?.as_s().ok()?)?,
        text: Text::parse(item.get("text")?.as_s().ok()?).ok()?,
        created_at: item.get("created_at")?.as_n().ok()?.parse().ok()?,
    })
}

fn user_of(item: &Item) -> Option<UserId> {
    item.get("id")?.as_s().ok()?.parse().ok()
}

fn count_of(item: &Item) -> Option<(UserId, u32)> {
    Some((user_of(item)?, item.get("notes")?.as_n().ok()?.parse().ok()?))
}

fn because(operation: &'static str, cause: impl Into<String>) -> Unavailable {
    Unavailable {
        operation,
        cause: cause.into(),
    }
}

fn unreadable(operation: &'static str) -> Unavailable {
    because(operation, "an item cannot be read")
}

/// Without the messages of service errors, because those can contain an item.
fn unavailable<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Unavailable
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let cause = match error.as_service_error() {
        Some(service) => service.code().unwrap_or("an error without a code").to_owned(),
        None => error.to_string(),
    };
    because(operation, cause)
}
