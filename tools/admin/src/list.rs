//! The users, page by page.

use std::collections::HashMap;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{UserId, Username};
use gatecrumb_store::{
    keys::{USER, user_key},
    table::{Item, Table, string},
};

use crate::account::{Account, from_item};

/// The most items that one request examines. It bounds what a page costs beyond the users that it returns.
const ITEMS_PER_REQUEST: i32 = 1000;

/// Some users, sorted by name.
#[derive(Clone, Debug)]
pub struct UserPage {
    /// The users.
    pub users: Vec<Account>,
    /// The user after whom the next page begins; `None` if there is no further page.
    pub next: Option<UserId>,
}

/// At most `limit` users after `after`, in the order of the table.
pub(crate) async fn page(
    table: &Table,
    prefix: Option<&Username>,
    after: Option<&UserId>,
    limit: usize,
) -> Result<UserPage, Unavailable> {
    const OPERATION: &str = "Scan for users";
    let mut users: Vec<Account> = Vec::new();
    let mut start: Option<Item> = after.map(user_key);
    loop {
        let mut values = HashMap::from([(":user".to_owned(), string(USER))]);
        let mut filter = "sk = :user".to_owned();
        if let Some(prefix) = prefix {
            values.insert(":prefix".to_owned(), string(prefix.as_str()));
            filter.push_str(" AND begins_with(username, :prefix)");
        }
        let scan = table.client().scan().table_name(table.name());
        let response = scan
            .consistent_read(true)
            .limit(ITEMS_PER_REQUEST)
            .filter_expression(filter)
            .set_expression_attribute_values(Some(values))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| Unavailable::from_sdk(OPERATION, &error))?;
        let mut found = response.items.unwrap_or_default().into_iter();
        while users.len() < limit
            && let Some(item) = found.next()
        {
            users.push(from_item(OPERATION, item)?);
        }
        start = response.last_evaluated_key;
        let is_last = start.is_none() && found.next().is_none();
        if is_last || users.len() == limit {
            // The key of any item is a place in the table, so a page can end with a user in the middle of a response.
            let next = users.last().filter(|_| !is_last).map(|last| last.user.id.clone());
            users.sort_by(|one, other| one.user.username.cmp(&other.user.username));
            return Ok(UserPage { users, next });
        }
    }
}
