use std::time::Duration;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{RefreshClaims, Session, Timestamp, rotation::RotationPolicy};

use super::{CURRENT, read_session};
use crate::{
    Store,
    keys::session_key,
    table::{Outcome, RowBefore, Write, string, time},
};

/// What came of the conditional write of a rotation.
#[derive(Clone, Debug)]
pub struct RotationWrite {
    /// The row as it was before; `None` when there was none.
    pub before: Option<Session>,
    /// Whether it was written.
    pub written: bool,
}

/// What came of ending a session whose tokens seem to be superseded.
#[derive(Clone, Debug)]
pub enum EndReused {
    /// Each of them still was; the session is over.
    Ended,
    /// There is no such session.
    Gone,
    /// One of them is in use by now, so nothing was changed: the session, to decide again.
    InUse(Session),
}

impl Store {
    /// The one write of a rotation: the presented token becomes `current` if the policy allows it
    /// ([`RotationPolicy::decide`] on the row that comes back says which case it was).
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
            // The condition holds for a row alone, so there was one.
            Outcome::Done(None) => {
                return Err(Unavailable::because(OPERATION, "the answer lacks Attributes"));
            }
            Outcome::Done(row) => (row, true),
            Outcome::Refused(row) => (row, false),
            Outcome::Contended(error) => return Err(error),
        };
        let before = item.map(|item| read_session(OPERATION, item)).transpose()?;
        Ok(RotationWrite { before, written })
    }

    /// Ends the session that all of these tokens are of, unless one of them is in use.
    ///
    /// At most 50 tokens (DynamoDB takes 100 operands of `IN`); without any, nothing is ended.
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
