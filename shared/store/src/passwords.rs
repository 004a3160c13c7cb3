//! A user and the hash of their password: two items in two partitions, read as one.
//!
//! A password has a version, a random one, which both items hold; setting a password writes both in one transaction,
//! and the end of all sessions with them. A `BatchGetItem` is no snapshot, but a hash and a user of one version belong
//! together: whoever matches an old hash does so under an epoch from before the new password. It costs half of what
//! `TransactGetItems` does, and never fails by a conflict.

use std::time::Duration;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{PasswordHash, PasswordVersion, User, UserId};
use serde::Deserialize;

use crate::{
    Store, UserItem,
    keys::{PASSWORD, password_key, user_key},
    table::{Write, read, text},
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
        let mut backoff = TORN_BACKOFF.iter();
        loop {
            let (mut found_user, mut found_password) = (None, None);
            let keys = [user_key(user), password_key(user)];
            for item in self.table.batch_get(OPERATION, keys, None).await? {
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
        let update = Write::to(password_key(user))
            .update("SET password_hash = :new")
            .when("password_hash = :verified")
            .value(":new", text(new.expose()))
            .value(":verified", text(verified.expose()));
        let outcome = self.table.update_if("UpdateItem of a password hash", update);
        outcome.await?.is_done().map(drop)
    }
}
