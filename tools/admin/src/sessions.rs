use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{Session, UserId};
use gatecrumb_store::{
    keys::{SESSION_PREFIX, user_pk},
    read_session,
    table::{Table, text},
};

pub(crate) async fn list(table: &Table, user: &UserId) -> Result<Vec<Session>, Unavailable> {
    const OPERATION: &str = "Query of a user's sessions";
    let values = [(":pk", text(user_pk(user))), (":prefix", text(SESSION_PREFIX))];
    let items = table.query(OPERATION, "pk = :pk AND begins_with(sk, :prefix)", values);
    items
        .await?
        .into_iter()
        .map(|item| read_session(OPERATION, item))
        .collect()
}
