use std::time::Duration;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    RefreshClaims, Session, SessionId, Timestamp, TokenId, User, UserId,
    rotation::{RotationPolicy, SessionState},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, UserItem,
    keys::{SESSION_PREFIX, USER, id_in, session_key, session_sk, user_key, user_pk},
    table::{Item, Outcome, RowBefore, Write, read, text, time, write},
};

/// A session to be opened.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Whose.
    pub user: UserId,
    /// A new random id.
    pub id: SessionId,
    /// A new random id that the first refresh token names as its parent.
    pub root: TokenId,
    /// The user's epoch as read before the password was checked: whatever ended all sessions since then ends
    /// this one too.
    pub epoch: u64,
    /// Now.
    pub created_at: Timestamp,
    /// The end of the idle lifetime.
    pub expires_at: Timestamp,
    /// The end that no rotation moves.
    pub absolute_expires_at: Timestamp,
    /// The browser's name for itself, at most 256 bytes.
    pub user_agent: Option<String>,
    /// The visitor's address.
    pub ip: Option<String>,
}

/// What the conditional write of a rotation met.
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

/// `current` is a reserved word.
const CURRENT: (&str, &str) = ("#current", "current");

#[derive(Deserialize, Serialize)]
struct SessionItem {
    pk: String,
    sk: String,
    current: TokenId,
    epoch: u64,
    created_at: Timestamp,
    rotated_at: Timestamp,
    absolute_expires_at: Timestamp,
    expires_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
}

/// A session from its item; `operation` is for the error.
pub fn read_session(operation: &'static str, item: Item) -> Result<Session, Unavailable> {
    let item: SessionItem = read(operation, item)?;
    let id = id_in(&item.sk, SESSION_PREFIX)
        .ok_or_else(|| Unavailable::because(operation, "unreadable session id"))?;
    let SessionItem {
        current,
        created_at,
        rotated_at,
        absolute_expires_at,
        expires_at,
        ..
    } = item;
    let state = SessionState {
        current,
        created_at,
        rotated_at,
        expires_at,
        absolute_expires_at,
    };
    Ok(Session {
        id,
        state,
        epoch: item.epoch,
        user_agent: item.user_agent,
        ip: item.ip,
    })
}

impl Store {
    /// Opens a session. Repeating it changes nothing.
    pub async fn open_session(&self, session: &NewSession) -> Result<(), Unavailable> {
        const OPERATION: &str = "PutItem of a session";
        let item = SessionItem {
            pk: user_pk(&session.user),
            sk: session_sk(&session.id),
            current: session.root.clone(),
            epoch: session.epoch,
            created_at: session.created_at,
            rotated_at: session.created_at,
            absolute_expires_at: session.absolute_expires_at,
            expires_at: session.expires_at,
            user_agent: session.user_agent.clone(),
            ip: session.ip.clone(),
        };
        self.table.put(OPERATION, write(OPERATION, item)?).await
    }

    /// The user and the session in one round trip, each `None` when there is none. The password's hash is not
    /// read.
    pub async fn user_and_session(
        &self,
        user: &UserId,
        session: &SessionId,
    ) -> Result<(Option<User>, Option<Session>), Unavailable> {
        const OPERATION: &str = "BatchGetItem of a user and a session";
        let mut projection = UserItem::projection(
            ", #current, epoch, created_at, rotated_at, absolute_expires_at, expires_at",
        );
        projection.names.push(CURRENT);
        let keys = [user_key(user), session_key(user, session)];
        let items = self.table.batch_get(OPERATION, keys, Some(projection));
        let (mut found_user, mut found_session) = (None, None);
        for item in items.await? {
            if item.get("sk") == Some(&text(USER)) {
                found_user = Some(read::<UserItem>(OPERATION, item)?.into_user(OPERATION)?);
            } else {
                found_session = Some(read_session(OPERATION, item)?);
            }
        }
        Ok((found_user, found_session))
    }

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
            .value(":jti", text(token.jti.as_str()))
            .value(":parent", text(token.parent.as_str()))
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
            delete = delete.value(placeholder.as_str(), text(id.as_str()));
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

    /// Ends a session. Repeating it changes nothing.
    pub async fn end_session(&self, user: &UserId, session: &SessionId) -> Result<(), Unavailable> {
        let delete = Write::to(session_key(user, session));
        let outcome = self.table.delete_if("DeleteItem of a session", delete);
        outcome.await?.is_done().map(drop)
    }
}
