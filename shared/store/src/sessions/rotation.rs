use std::time::Duration;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{RefreshClaims, Session, Timestamp, rotation::RotationPolicy};

use super::{CURRENT, read_session};
use crate::{
    Store,
    keys::session_key,
    table::{Outcome, RowBefore, Write, string, time},
};

/// The result of the conditional write of a rotation.
#[derive(Clone, Debug)]
pub struct RotationWrite {
    /// The row before the write; `None` if there was none.
    pub before: Option<Session>,
    /// Whether the condition held.
    pub written: bool,
}

/// The result of ending a session whose tokens appear to be superseded.
#[derive(Clone, Debug)]
pub enum EndReused {
    /// No token is in use; the session was ended.
    Ended,
    /// There was no such session.
    Gone,
    /// One of the tokens is in use, so nothing was changed. The session as stored, for another decision.
    InUse(Session),
}

impl Store {
    /// The only write of a rotation: the presented token becomes `current` if the policy allows it.
    /// [`RotationPolicy::decide`] on the returned row tells which case it was.
    pub async fn advance_session(
        &self,
        token: &RefreshClaims,
        policy: &RotationPolicy,
        idle: Duration,
        now: Timestamp,
    ) -> Result<RotationWrite, Unavailable> {
        const OPERATION: &str = "UpdateItem of a session";
        let update = Write::to(session_key(&token.sub, &token.sid))
            .update("SET #current = :jti, rotated_at = :now, expires_at = :idle")
            .when(
                "#current IN (:jti, :parent) AND expires_at > :now AND absolute_expires_at > :now \
                 AND created_at >= :not_before",
            )
            .name(CURRENT.0, CURRENT.1)
            .value(":jti", string(token.jti.as_str()))
            .value(":parent", string(token.parent.as_str()))
            .value(":now", time(now))
            .value(":idle", time(now + idle))
            .value(":not_before", time(policy.sessions_not_before))
            .returning(RowBefore::Always);
        let (item, written) = match self.table.update_if(OPERATION, update).await? {
            // The condition only holds for an existing row.
            Outcome::Done(None) => {
                return Err(Unavailable::because(OPERATION, "the response lacks Attributes"));
            }
            Outcome::Done(row) => (row, true),
            Outcome::Refused(row) => (row, false),
            Outcome::Contended(error) => return Err(error),
        };
        let before = item.map(|item| read_session(OPERATION, item)).transpose()?;
        Ok(RotationWrite { before, written })
    }

    /// Ends the session unless one of these tokens, all of them its own, is in use.
    ///
    /// At most 50 tokens, because DynamoDB accepts 100 operands of `IN`. Without tokens it does nothing.
    pub async fn end_reused_session(&self, tokens: &[RefreshClaims]) -> Result<EndReused, Unavailable> {
        const OPERATION: &str = "DeleteItem of a reused session";
        let Some(token) = tokens.first() else {
            return Ok(EndReused::Gone);
        };
        let ids = tokens.iter().flat_map(|token| [&token.jti, &token.parent]);
        let mut delete = Write::to(session_key(&token.sub, &token.sid)).name(CURRENT.0, CURRENT.1);
        let mut placeholders = Vec::new();
        for (index, id) in ids.enumerate() {
            let placeholder = format!(":id{index}");
            delete = delete.value(placeholder.as_str(), string(id.as_str()));
            placeholders.push(placeholder);
        }
        let delete = delete
            .when(format!(
                "attribute_exists(pk) AND NOT #current IN ({})",
                placeholders.join(", ")
            ))
            .returning(RowBefore::IfRefused);
        match self.table.delete_if(OPERATION, delete).await? {
            Outcome::Done(_) => Ok(EndReused::Ended),
            Outcome::Refused(None) => Ok(EndReused::Gone),
            Outcome::Refused(Some(row)) => Ok(EndReused::InUse(read_session(OPERATION, row)?)),
            Outcome::Contended(error) => Err(error),
        }
    }
}
