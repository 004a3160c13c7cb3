use gatecrumb_domain::{Roles, Timestamp, User, UserId, Username};
use serde::Deserialize;

use crate::{
    Store, Unavailable,
    call::{send, update_if},
    item::{Item, login_key, number, read, time, user_id_in, user_key},
};

#[derive(Deserialize)]
pub(crate) struct UserItem {
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
    pub(crate) fn into_user(self, operation: &'static str) -> Result<User, Unavailable> {
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

/// The attributes that [`User`] is read from, `name` and `roles` being reserved words.
pub(crate) const USER_ATTRIBUTES: &str = "pk, sk, username, email, #name, #roles, active, session_epoch";
pub(crate) const USER_NAMES: [(&str, &str); 2] = [("#name", "name"), ("#roles", "roles")];

impl Store {
    /// Who signs in under this name.
    pub async fn find_login(&self, username: &Username) -> Result<Option<UserId>, Unavailable> {
        const OPERATION: &str = "GetItem of a sign-in name";
        let item = self.get(OPERATION, login_key(username)).await?;
        let login: Option<LoginItem> = item.map(|item| read(OPERATION, item)).transpose()?;
        Ok(login.map(|login| login.user_id))
    }

    /// The user.
    pub async fn user(&self, user: &UserId) -> Result<Option<User>, Unavailable> {
        const OPERATION: &str = "GetItem of a user";
        let mut get = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(user_key(user)))
            .consistent_read(true)
            .projection_expression(USER_ATTRIBUTES);
        for (placeholder, attribute) in USER_NAMES {
            get = get.expression_attribute_names(placeholder, attribute);
        }
        let answer = send(|| get.clone().send())
            .await
            .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
        let Some(item) = answer.item else { return Ok(None) };
        read::<UserItem>(OPERATION, item)?.into_user(OPERATION).map(Some)
    }

    /// Ends all sessions of the user that were opened under the epoch `seen` or before, with one write. When
    /// somebody else has moved the epoch on they are over already.
    pub async fn end_all_sessions(
        &self,
        user: &UserId,
        seen: u64,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(user_key(user)))
            .update_expression("SET updated_at = :now ADD session_epoch :one")
            // Makes a retry whose first try had succeeded harmless to sign-ins in between.
            .condition_expression("session_epoch = :seen")
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":seen", number(seen));
        update_if("UpdateItem of a user's epoch", update).await.map(drop)
    }

    pub(crate) async fn get(&self, operation: &'static str, key: Item) -> Result<Option<Item>, Unavailable> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .consistent_read(true);
        let answer = send(|| get.clone().send())
            .await
            .map_err(|e| Unavailable::from_sdk(operation, &e))?;
        Ok(answer.item)
    }
}
