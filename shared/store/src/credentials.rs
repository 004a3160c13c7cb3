//! A user and the hash of their password: two items in two partitions, read as one.
//!
//! A password has a version, a random one, which both items hold; setting a password writes both in one transaction,
//! and the end of all sessions with them. A `BatchGetItem` is no snapshot, but a hash and a user of one version belong
//! together: whoever matches an old hash does so under an epoch from before the new password. It costs half of what
//! `TransactGetItems` does, and never fails by a conflict.

use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use gatecrumb_domain::{PasswordHash, PasswordVersion, User, UserId};
use serde::Deserialize;

use crate::{
    Store, Unavailable,
    call::update_if,
    item::{PASSWORD, password_key, read, text, user_key},
    user::UserItem,
};

/// The pauses before each further reading of items that do not belong together: a transaction is over within
/// milliseconds.
const TORN_BACKOFF: [Duration; 4] = [
    Duration::from_millis(0),
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(150),
];

/// A user with what only the sign-in may see.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user, whose epoch is no newer than the hash.
    pub user: User,
    /// The hash of the password.
    pub password_hash: PasswordHash,
}

#[derive(Deserialize)]
struct UserOfPassword {
    #[serde(flatten)]
    user: UserItem,
    /// Absent of a user who has no password.
    #[serde(default)]
    password_version: Option<PasswordVersion>,
}

#[derive(Deserialize)]
struct PasswordItem {
    password_hash: String,
    version: PasswordVersion,
}

impl Store {
    /// The user and the hash of their password, which belong together; `None` when there is no such user or the user
    /// has no password. One round trip, unless the password is being changed.
    pub async fn credentials(&self, user: &UserId) -> Result<Option<Credentials>, Unavailable> {
        const OPERATION: &str = "BatchGetItem of a user and a password";
        let keys = KeysAndAttributes::builder()
            .keys(user_key(user))
            .keys(password_key(user))
            .consistent_read(true)
            .build()
            .map_err(|error| Unavailable::because(OPERATION, error.to_string()))?;
        let mut backoff = TORN_BACKOFF.iter();
        loop {
            let (mut found_user, mut found_password) = (None, None);
            for item in self.batch(OPERATION, keys.clone()).await? {
                if item.get("sk") == Some(&text(PASSWORD)) {
                    found_password = Some(read::<PasswordItem>(OPERATION, item)?);
                } else {
                    found_user = Some(read::<UserOfPassword>(OPERATION, item)?);
                }
            }
            let (Some(found), Some(password)) = (found_user, found_password) else {
                return Ok(None);
            };
            let Some(version) = found.password_version else {
                return Ok(None);
            };
            if version == password.version {
                return Ok(Some(Credentials {
                    user: found.user.into_user(OPERATION)?,
                    password_hash: password.password_hash.into(),
                }));
            }
            let Some(&pause) = backoff.next() else {
                return Err(Unavailable::because(
                    OPERATION,
                    "the password changes faster than it can be read",
                ));
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Replaces the hash that was just verified by `new`, of the same password, unless it was replaced by another one
    /// meanwhile.
    pub async fn rehash(
        &self,
        user: &UserId,
        verified: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), Unavailable> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(password_key(user)))
            .update_expression("SET password_hash = :new")
            .condition_expression("password_hash = :verified")
            .expression_attribute_values(":new", text(new.expose()))
            .expression_attribute_values(":verified", text(verified.expose()));
        update_if("UpdateItem of a password hash", update).await.map(drop)
    }
}
