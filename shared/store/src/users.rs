use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{Roles, Timestamp, User, UserId, Username};
use serde::Deserialize;

use crate::{
    Store,
    keys::{login_key, user_id_in, user_key},
    table::{Projection, Write, from_item, number, time},
};

/// A user's item.
#[derive(Deserialize)]
pub struct UserItem {
    pk: String,
    username: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    roles: Roles,
    active: bool,
    session_epoch: u64,
}

impl UserItem {
    /// The attributes to read, and `more`. `name` and `roles` are reserved words.
    pub(crate) fn projection(more: &str) -> Projection {
        Projection {
            expression: format!("pk, sk, username, email, #name, #roles, active, session_epoch{more}"),
            names: vec![("#name", "name"), ("#roles", "roles")],
        }
    }

    /// The user. `operation` is for the error.
    pub fn into_user(self, operation: &'static str) -> Result<User, Unavailable> {
        let id = user_id_in(&self.pk).ok_or_else(|| Unavailable::because(operation, "unreadable user id"))?;
        let Self {
            username,
            email,
            name,
            roles,
            active,
            session_epoch,
            ..
        } = self;
        Ok(User {
            id,
            username,
            email,
            name,
            roles,
            active,
            session_epoch,
        })
    }
}

#[derive(Deserialize)]
struct LoginItem {
    user_id: UserId,
}

impl Store {
    /// The user who signs in with this name.
    pub async fn find_login(&self, username: &Username) -> Result<Option<UserId>, Unavailable> {
        const OPERATION: &str = "GetItem of a sign-in name";
        let item = self.table.get(OPERATION, login_key(username), None).await?;
        let login: Option<LoginItem> = item.map(|item| from_item(OPERATION, item)).transpose()?;
        Ok(login.map(|login| login.user_id))
    }

    /// The user, without the password's hash.
    pub async fn user(&self, user: &UserId) -> Result<Option<User>, Unavailable> {
        const OPERATION: &str = "GetItem of a user";
        let item = self
            .table
            .get(OPERATION, user_key(user), Some(UserItem::projection("")))
            .await?;
        let Some(item) = item else { return Ok(None) };
        from_item::<UserItem>(OPERATION, item)?
            .into_user(OPERATION)
            .map(Some)
    }

    /// Ends all of the user's sessions that were opened in the epoch `seen` or before, with one write. If the epoch has
    /// changed since, they have already ended.
    pub async fn end_all_sessions(
        &self,
        user: &UserId,
        seen: u64,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let update = Write::to(user_key(user))
            .update("SET updated_at = :now ADD session_epoch :one")
            // A retry after a success must not end sessions opened in between.
            .when("session_epoch = :seen")
            .value(":now", time(now))
            .value(":one", number(1))
            .value(":seen", number(seen));
        let outcome = self.table.update_if("UpdateItem of a user's epoch", update);
        outcome.await?.is_done().map(drop)
    }
}
