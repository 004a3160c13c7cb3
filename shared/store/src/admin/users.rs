use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::{
        transact_write_items::TransactWriteItemsError, update_item::builders::UpdateItemFluentBuilder,
    },
    types::{AttributeValue, Delete, Put, TransactWriteItem, Update},
};
use gatecrumb_domain::{PasswordHash, PasswordVersion, Roles, Timestamp, User, UserId, Username};
use serde::Deserialize;

use crate::{
    Store, Unavailable,
    call::{send, update_if},
    item::{
        Item, LOGIN, USER, login_key, login_pk, number, password_key, read, text, time, user_key, user_pk,
    },
    user::UserItem,
};

/// A user with what only the operator sees.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user.
    pub user: User,
    /// When the user was created.
    pub created_at: Timestamp,
    /// When the user was last changed.
    pub updated_at: Timestamp,
}

#[derive(Deserialize)]
struct AccountItem {
    #[serde(flatten)]
    user: UserItem,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What a user may tell of themselves.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Where to reach them.
    pub email: Option<String>,
    /// How to address them.
    pub name: Option<String>,
}

/// A user to be created.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// A new random id.
    pub id: UserId,
    /// The sign-in name.
    pub username: Username,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// A new random version of it.
    pub password_version: PasswordVersion,
    /// Email and name.
    pub profile: Profile,
    /// What they may do.
    pub roles: Roles,
}

/// Why a user was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Another user signs in under that name.
    #[error("the username is taken")]
    NameTaken,
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a user was not renamed.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// Another user signs in under that name.
    #[error("the username is taken")]
    NameTaken,
    /// The user was deleted or renamed meanwhile.
    #[error("the user was changed by somebody else meanwhile")]
    Changed,
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A change to a user.
#[derive(Clone, Debug)]
pub enum Change {
    /// Signing in is refused from now on, and all sessions end.
    Disable,
    /// Signing in is allowed again. Sessions that have ended stay so.
    Enable,
    /// Another password; all sessions end.
    Password {
        /// The hash of it.
        hash: PasswordHash,
        /// A new random version of it.
        version: PasswordVersion,
    },
    /// Other roles: `me` shows them at once, access tokens have them from the next refresh on.
    Roles(Roles),
    /// All sessions end.
    EndSessions,
}

impl Store {
    /// The account that signs in under this name.
    pub async fn find_account(&self, username: &Username) -> Result<Option<Account>, Unavailable> {
        match self.find_login(username).await? {
            Some(user) => self.account(&user).await,
            None => Ok(None),
        }
    }

    /// The user as the operator sees them.
    pub async fn account(&self, user: &UserId) -> Result<Option<Account>, Unavailable> {
        const OPERATION: &str = "GetItem of a user";
        let Some(item) = self.get(OPERATION, user_key(user)).await? else {
            return Ok(None);
        };
        let AccountItem {
            user,
            created_at,
            updated_at,
        } = read(OPERATION, item)?;
        Ok(Some(Account {
            user: user.into_user(OPERATION)?,
            created_at,
            updated_at,
        }))
    }

    /// Creates a user, sets the password and claims the name: all of it or nothing.
    pub async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<(), CreateError> {
        let login = Item::from([
            ("pk".to_owned(), text(login_pk(&user.username))),
            ("sk".to_owned(), text(LOGIN)),
            ("user_id".to_owned(), text(user.id.as_str())),
        ]);
        let version = &user.password_version;
        let mut item = Item::from([
            ("pk".to_owned(), text(user_pk(&user.id))),
            ("sk".to_owned(), text(USER)),
            ("username".to_owned(), text(user.username.as_str())),
            ("password_version".to_owned(), text(version.as_str())),
            ("roles".to_owned(), roles(&user.roles)),
            ("active".to_owned(), AttributeValue::Bool(true)),
            ("session_epoch".to_owned(), number(0)),
            ("created_at".to_owned(), time(now)),
            ("updated_at".to_owned(), time(now)),
        ]);
        for (attribute, value) in [("email", &user.profile.email), ("name", &user.profile.name)] {
            if let Some(value) = value {
                item.insert(attribute.to_owned(), text(value));
            }
        }
        let claim = self.put_new(login)?;
        let put = self.put_new(item)?;
        let password = self.put_password(&user.id, &user.password_hash, version)?;
        match self
            .transact("TransactWriteItems for a new user", &[claim, put, password])
            .await?
        {
            Ok(()) => Ok(()),
            Err(_) => Err(CreateError::NameTaken),
        }
    }

    /// Gives a user another sign-in name and frees the old one, both or neither.
    pub async fn rename_user(
        &self,
        user: &UserId,
        old: &Username,
        new: &Username,
        now: Timestamp,
    ) -> Result<(), RenameError> {
        if old == new {
            return Ok(());
        }
        let mut claim = login_key(new);
        claim.insert("user_id".to_owned(), text(user.as_str()));
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(user_key(user)))
            .update_expression("SET username = :new, updated_at = :now")
            .condition_expression("username = :old")
            .expression_attribute_values(":new", text(new.as_str()))
            .expression_attribute_values(":old", text(old.as_str()))
            .expression_attribute_values(":now", time(now))
            .build()
            .map_err(|e| Unavailable::because("Update", e.to_string()))?;
        let items = [
            self.put_new(claim)?,
            self.release_name(user, old)?,
            TransactWriteItem::builder().update(update).build(),
        ];
        match self.transact("TransactWriteItems for a new name", &items).await? {
            Ok(()) => Ok(()),
            Err(failed) if failed.first() == Some(&true) => Err(RenameError::NameTaken),
            Err(_) => Err(RenameError::Changed),
        }
    }

    /// Deletes a user with the password and frees the name, all or nothing; says whether there was one. Sessions die
    /// with the user; their rows go when their time is over.
    pub async fn delete_user(&self, user: &UserId, username: &Username) -> Result<bool, Unavailable> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(user_key(user)))
            .condition_expression("username = :username")
            .expression_attribute_values(":username", text(username.as_str()))
            .build()
            .map_err(|e| Unavailable::because("Delete", e.to_string()))?;
        let password = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(password_key(user)))
            .build()
            .map_err(|e| Unavailable::because("Delete", e.to_string()))?;
        let items = [
            self.release_name(user, username)?,
            TransactWriteItem::builder().delete(delete).build(),
            TransactWriteItem::builder().delete(password).build(),
        ];
        Ok(self
            .transact("TransactWriteItems to delete a user", &items)
            .await?
            .is_ok())
    }

    /// Changes a user, the end of the sessions included: one write, of a new password one transaction. Says whether
    /// there is such a user.
    pub async fn change_user(
        &self,
        user: &UserId,
        change: &Change,
        now: Timestamp,
    ) -> Result<bool, Unavailable> {
        if let Change::Password { hash, version } = change {
            return self.set_password(user, hash, version, now).await;
        }
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(user_key(user)))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", time(now));
        let ending = |update: UpdateItemFluentBuilder, set: &str| {
            update
                .update_expression(format!("SET {set}updated_at = :now ADD session_epoch :one"))
                .expression_attribute_values(":one", number(1))
        };
        let update = match change {
            Change::Disable => ending(update, "active = :active, ")
                .expression_attribute_values(":active", AttributeValue::Bool(false)),
            Change::Enable => update
                .update_expression("SET active = :active, updated_at = :now")
                .expression_attribute_values(":active", AttributeValue::Bool(true)),
            Change::Roles(new) => update
                .update_expression("SET #roles = :roles, updated_at = :now")
                .expression_attribute_names("#roles", "roles")
                .expression_attribute_values(":roles", roles(new)),
            Change::EndSessions | Change::Password { .. } => ending(update, ""),
        };
        update_if("UpdateItem of a user", update).await
    }

    /// Both items and the end of the sessions in one transaction. It reads nothing, so nothing can be overtaken.
    async fn set_password(
        &self,
        user: &UserId,
        hash: &PasswordHash,
        version: &PasswordVersion,
        now: Timestamp,
    ) -> Result<bool, Unavailable> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(user_key(user)))
            .update_expression("SET password_version = :version, updated_at = :now ADD session_epoch :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":version", text(version.as_str()))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":one", number(1))
            .build()
            .map_err(|e| Unavailable::because("Update", e.to_string()))?;
        let items = [
            TransactWriteItem::builder().update(update).build(),
            self.put_password(user, hash, version)?,
        ];
        let done = self.transact("TransactWriteItems for a new password", &items);
        Ok(done.await?.is_ok())
    }

    fn put_password(
        &self,
        user: &UserId,
        hash: &PasswordHash,
        version: &PasswordVersion,
    ) -> Result<TransactWriteItem, Unavailable> {
        let mut item = password_key(user);
        item.insert("password_hash".to_owned(), text(hash.expose()));
        item.insert("version".to_owned(), text(version.as_str()));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .build()
            .map_err(|e| Unavailable::because("Put", e.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Puts an item that an import or a fixture brings, whatever stands there.
    pub async fn put_raw(&self, item: HashMap<String, AttributeValue>) -> Result<(), Unavailable> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item));
        send(|| put.clone().send())
            .await
            .map_err(|e| Unavailable::from_sdk("PutItem", &e))?;
        Ok(())
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, Unavailable> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|e| Unavailable::because("Put", e.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn release_name(&self, user: &UserId, name: &Username) -> Result<TransactWriteItem, Unavailable> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(login_key(name)))
            .condition_expression("user_id = :user")
            .expression_attribute_values(":user", text(user.as_str()))
            .build()
            .map_err(|e| Unavailable::because("Delete", e.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// All of the writes or none. `Err` says of each whether its condition failed.
    async fn transact(
        &self,
        operation: &'static str,
        items: &[TransactWriteItem],
    ) -> Result<Result<(), Vec<bool>>, Unavailable> {
        let transaction = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items.to_vec()));
        let Err(error) = send(|| transaction.clone().send()).await else {
            return Ok(Ok(()));
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
            error.as_service_error()
        {
            let reasons = canceled.cancellation_reasons().iter();
            let failed: Vec<bool> = reasons
                .map(|r| r.code() == Some("ConditionalCheckFailed"))
                .collect();
            if failed.contains(&true) {
                return Ok(Err(failed));
            }
        }
        Err(Unavailable::from_sdk(operation, &error))
    }
}

fn roles(roles: &Roles) -> AttributeValue {
    let roles: Vec<gatecrumb_domain::Role> = roles.clone().into();
    AttributeValue::L(roles.into_iter().map(text).collect())
}
