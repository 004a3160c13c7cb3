use gatecrumb_domain::{Session, UserId};

use crate::{
    Store, Unavailable,
    call::send,
    item::{SESSION_PREFIX, text, user_pk},
    session::read_session,
};

impl Store {
    /// The user's sessions, those that are over but not swept yet included.
    pub async fn sessions(&self, user: &UserId) -> Result<Vec<Session>, Unavailable> {
        const OPERATION: &str = "Query of a user's sessions";
        let mut sessions = Vec::new();
        let mut start = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", text(user_pk(user)))
                .expression_attribute_values(":prefix", text(SESSION_PREFIX))
                .set_exclusive_start_key(start);
            let answer = send(|| query.clone().send())
                .await
                .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
            for item in answer.items.unwrap_or_default() {
                sessions.push(read_session(OPERATION, item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(sessions);
            }
        }
    }
}
