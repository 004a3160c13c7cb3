//! A user and the hash of their password: two items in two partitions, read together.
//!
//! Each password has a random version, which both items contain. Setting a password writes both items and ends all
//! sessions in one transaction. A `BatchGetItem` is not a snapshot, but a hash and a user with the same version belong
//! together: a sign-in that matches an old hash also has the epoch from before the new password. It costs half as much
//! as `TransactGetItems` and never fails with a conflict.

use std::time::Duration;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{PasswordHash, PasswordVersion, User, UserId};
use serde::Deserialize;

use crate::{
    Store, UserItem,
    keys::{PASSWORD, password_key, user_key},
    table::{Write, from_item, string},
};

/// The pauses before reading again after the versions differed. A transaction takes milliseconds.
const TORN_BACKOFF: [Duration; 4] = [
    Duration::from_millis(0),
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(150),
];

/// A user with the hash of their password, which only login reads.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user. Their epoch is not newer than the hash.
    pub user: User,
    /// The hash of the password.
    pub password_hash: PasswordHash,
}

#[derive(Deserialize)]
struct UserOfPassword {
    #[serde(flatten)]
    user: UserItem,
    /// Absent if the user has no password.
    #[serde(default)]
    password_version: Option<PasswordVersion>,
}

#[derive(Deserialize)]
struct PasswordItem {
    password_hash: String,
    version: PasswordVersion,
}

impl Store {
    /// The user and the matching hash of their password; `None` if there is no such user or the user has no password.
    /// One round trip unless the password is being changed.
    pub async fn credentials(&self, user: &UserId) -> Result<Option<Credentials>, Unavailable> {
        const OPERATION: &str = "BatchGetItem of a user and a password";
        let mut backoff = TORN_BACKOFF.iter();
        loop {
            let (mut found_user, mut found_password) = (None, None);
            let keys = [user_key(user), password_key(user)];
            for item in self.table.batch_get(OPERATION, keys, None).await? {
                if item.get("sk") == Some(&string(PASSWORD)) {
                    found_password = Some(from_item::<PasswordItem>(OPERATION, item)?);
                } else {
                    found_user = Some(from_item::<UserOfPassword>(OPERATION, item)?);
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
                    "the password kept changing while it was read",
                ));
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Replaces the hash `verified` with `new`, a hash of the same password, unless the stored hash has changed since.
    pub async fn rehash(
        &self,
        user: &UserId,
        verified: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), Unavailable> {
        let update = Write::to(password_key(user))
            .update("SET password_hash = :new")
            .when("password_hash = :verified")
            .value(":new", string(new.expose()))
            .value(":verified", string(verified.expose()));
        let outcome = self.table.update_if("UpdateItem of a password hash", update);
        outcome.await?.is_done().map(drop)
    }
}
