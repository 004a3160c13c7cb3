use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{Roles, Timestamp, User, UserId, Username};
use serde::Deserialize;

use crate::{
    Store,
    keys::{login_key, user_id_in, user_key},
    table::{Projection, Write, number, read, time},
};

/// A user as the table holds one.
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
    /// The attributes that it is read from, `more` among them; `name` and `roles` are reserved words.
    pub(crate) fn projection(more: &str) -> Projection {
        Projection {
            expression: format!("pk, sk, username, email, #name, #roles, active, session_epoch{more}"),
            names: vec![("#name", "name"), ("#roles", "roles")],
        }
    }

    /// The user; `operation` is for the error.
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
    /// Who signs in under this name.
    pub async fn find_login(&self, username: &Username) -> Result<Option<UserId>, Unavailable> {
        const OPERATION: &str = "GetItem of a sign-in name";
        let item = self.table.get(OPERATION, login_key(username), None).await?;
        let login: Option<LoginItem> = item.map(|item| read(OPERATION, item)).transpose()?;
        Ok(login.map(|login| login.user_id))
    }

    /// The user.
    pub async fn user(&self, user: &UserId) -> Result<Option<User>, Unavailable> {
        const OPERATION: &str = "GetItem of a user";
        let item = self
            .table
            .get(OPERATION, user_key(user), Some(UserItem::projection("")))
            .await?;
        let Some(item) = item else { return Ok(None) };
        read::<UserItem>(OPERATION, item)?.into_user(OPERATION).map(Some)
    }

    /// Ends all sessions of the user that were opened under the epoch `seen` or before, with one write. If the epoch has
    /// moved on since, they are over already.
    pub async fn end_all_sessions(
        &self,
        user: &UserId,
        seen: u64,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let update = Write::to(user_key(user))
            .update("SET updated_at = :now ADD session_epoch :one")
            // A retry whose first try had succeeded must not end sessions that were opened in between.
            .when("session_epoch = :seen")
            .value(":now", time(now))
            .value(":one", number(1))
            .value(":seen", number(seen));
        let outcome = self.table.update_if("UpdateItem of a user's epoch", update);
        outcome.await?.is_done().map(drop)
    }
}
