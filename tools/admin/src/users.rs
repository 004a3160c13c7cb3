use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{PasswordHash, PasswordVersion, Roles, Timestamp, UserId, Username};
use gatecrumb_store::{
    keys::{login_key, password_key, user_key},
    table::{Check, Item, Table, TransactOutcome, TransactWrite, Write, boolean, number, string, time},
};

use crate::change::roles;

/// A user's optional details.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The email address.
    pub email: Option<String>,
    /// The display name.
    pub name: Option<String>,
}

/// A user to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// A new random id.
    pub id: UserId,
    /// The sign-in name.
    pub username: Username,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// The password's version, a new random one.
    pub password_version: PasswordVersion,
    /// Email and name.
    pub profile: Profile,
    /// The user's roles.
    pub roles: Roles,
}

/// Why a user was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Another user has that sign-in name.
    #[error("the username is taken")]
    NameTaken,
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a user was not renamed.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// Another user has that sign-in name.
    #[error("the username is taken")]
    NameTaken,
    /// The user was deleted or renamed concurrently.
    #[error("the user was changed concurrently")]
    Changed,
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

pub(crate) async fn create(table: &Table, user: &NewUser, now: Timestamp) -> Result<(), CreateError> {
    let version = &user.password_version;
    let attributes = [
        ("username", string(user.username.as_str())),
        ("password_version", string(version.as_str())),
        ("roles", roles(&user.roles)),
        ("active", boolean(true)),
        ("session_epoch", number(0)),
        ("created_at", time(now)),
        ("updated_at", time(now)),
    ];
    let mut item = user_key(&user.id);
    item.extend(attributes.map(|(attribute, value)| (attribute.to_owned(), value)));
    for (attribute, value) in [("email", &user.profile.email), ("name", &user.profile.name)] {
        if let Some(value) = value {
            item.insert(attribute.to_owned(), string(value));
        }
    }
    let writes = [
        claim_name(&user.id, &user.username),
        put_new(item),
        put_password(&user.id, &user.password_hash, version),
    ];
    let outcome = table.transact("TransactWriteItems for a new user", writes);
    if outcome.await?.is_done()? {
        Ok(())
    } else {
        Err(CreateError::NameTaken)
    }
}

pub(crate) async fn rename(
    table: &Table,
    user: &UserId,
    old: &Username,
    new: &Username,
    now: Timestamp,
) -> Result<(), RenameError> {
    if old == new {
        return Ok(());
    }
    let update = Write::to(user_key(user))
        .update("SET username = :new, updated_at = :now")
        .when("username = :old")
        .value(":new", string(new.as_str()))
        .value(":old", string(old.as_str()))
        .value(":now", time(now));
    let writes = [
        claim_name(user, new),
        release_name(user, old),
        TransactWrite::Update(update),
    ];
    match table
        .transact("TransactWriteItems for a new name", writes)
        .await?
    {
        TransactOutcome::Done => Ok(()),
        TransactOutcome::Refused(checks) => match checks.first() {
            Some(Check::Failed(_)) => Err(RenameError::NameTaken),
            _ => Err(RenameError::Changed),
        },
        TransactOutcome::Contended(error) => Err(error.into()),
    }
}

pub(crate) async fn delete(table: &Table, user: &UserId, username: &Username) -> Result<bool, Unavailable> {
    let delete = Write::to(user_key(user))
        .when("username = :username")
        .value(":username", string(username.as_str()));
    let writes = [
        release_name(user, username),
        TransactWrite::Delete(delete),
        TransactWrite::Delete(Write::to(password_key(user))),
    ];
    let outcome = table.transact("TransactWriteItems to delete a user", writes);
    outcome.await?.is_done()
}

pub(crate) fn put_password(user: &UserId, hash: &PasswordHash, version: &PasswordVersion) -> TransactWrite {
    let mut item = password_key(user);
    item.insert("password_hash".to_owned(), string(hash.expose()));
    item.insert("version".to_owned(), string(version.as_str()));
    TransactWrite::Put(Write::to(item))
}

fn put_new(item: Item) -> TransactWrite {
    TransactWrite::Put(Write::to(item).when("attribute_not_exists(pk)"))
}

fn claim_name(user: &UserId, name: &Username) -> TransactWrite {
    let mut claim = login_key(name);
    claim.insert("user_id".to_owned(), string(user.as_str()));
    put_new(claim)
}

fn release_name(user: &UserId, name: &Username) -> TransactWrite {
    let delete = Write::to(login_key(name))
        .when("user_id = :user")
        .value(":user", string(user.as_str()));
    TransactWrite::Delete(delete)
}
