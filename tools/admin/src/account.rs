use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{Timestamp, User, UserId};
use gatecrumb_store::{
    UserItem,
    keys::user_key,
    table::{Item, Table},
};
use serde::Deserialize;

/// A user with the attributes that only the operator sees.
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

pub(crate) async fn get(table: &Table, user: &UserId) -> Result<Option<Account>, Unavailable> {
    const OPERATION: &str = "GetItem of a user";
    let item = table.get(OPERATION, user_key(user), None).await?;
    item.map(|item| from_item(OPERATION, item)).transpose()
}

/// Reads a user's item. `operation` is for the error.
pub(crate) fn from_item(operation: &'static str, item: Item) -> Result<Account, Unavailable> {
    let AccountItem {
        user,
        created_at,
        updated_at,
    } = gatecrumb_store::table::from_item(operation, item)?;
    Ok(Account {
        user: user.into_user(operation)?,
        created_at,
        updated_at,
    })
}
