mod rotation;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    Authentication, AuthenticationMethods, Session, SessionId, Timestamp, TokenId, User, UserId,
    rotation::SessionState,
};
use serde::{Deserialize, Serialize};

pub use rotation::{EndReused, RotationWrite};

use crate::{
    Store, UserItem,
    keys::{SESSION_PREFIX, USER, id_in, session_key, session_sk, user_key, user_pk},
    table::{Item, Write, from_item, string, to_item},
};

/// A session to open.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The user.
    pub user: UserId,
    /// A new random id.
    pub id: SessionId,
    /// A new random id: the first refresh token's `parent`.
    pub root: TokenId,
    /// The user's epoch, read before the password was checked, so that a change that ended all sessions since
    /// then also ends this one.
    pub epoch: u64,
    /// When it is opened.
    pub created_at: Timestamp,
    /// When and how the user signed in.
    pub authentication: Authentication,
    /// The idle end, moved by each rotation.
    pub expires_at: Timestamp,
    /// The absolute end.
    pub absolute_expires_at: Timestamp,
    /// `User-Agent`, at most 256 bytes.
    pub user_agent: Option<String>,
    /// The visitor's address.
    pub ip: Option<String>,
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
    /// Items of earlier versions lack it and `amr`: their users signed in with a password when the session was opened.
    auth_time: Option<Timestamp>,
    #[serde(default = "AuthenticationMethods::password")]
    amr: AuthenticationMethods,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
}

/// Reads a session from its item. `operation` is for the error.
pub fn read_session(operation: &'static str, item: Item) -> Result<Session, Unavailable> {
    let item: SessionItem = from_item(operation, item)?;
    let id = id_in(&item.sk, SESSION_PREFIX)
        .ok_or_else(|| Unavailable::because(operation, "unreadable session id"))?;
    let SessionItem {
        current,
        created_at,
        rotated_at,
        absolute_expires_at,
        expires_at,
        auth_time,
        amr,
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
        authentication: Authentication {
            time: auth_time.unwrap_or(created_at),
            methods: amr,
        },
        epoch: item.epoch,
        user_agent: item.user_agent,
        ip: item.ip,
    })
}

impl Store {
    /// Opens a session. Idempotent.
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
            auth_time: Some(session.authentication.time),
            amr: session.authentication.methods.clone(),
            user_agent: session.user_agent.clone(),
            ip: session.ip.clone(),
        };
        self.table.put(OPERATION, to_item(OPERATION, item)?).await
    }

    /// The user and the session in one round trip, each `None` if it does not exist. Does not read the password's
    /// hash, user agent or address.
    pub async fn user_and_session(
        &self,
        user: &UserId,
        session: &SessionId,
    ) -> Result<(Option<User>, Option<Session>), Unavailable> {
        const OPERATION: &str = "BatchGetItem of a user and a session";
        let mut projection = UserItem::projection(
            ", #current, epoch, created_at, rotated_at, absolute_expires_at, expires_at, auth_time, amr",
        );
        projection.names.push(CURRENT);
        let keys = [user_key(user), session_key(user, session)];
        let items = self.table.batch_get(OPERATION, keys, Some(projection));
        let (mut found_user, mut found_session) = (None, None);
        for item in items.await? {
            if item.get("sk") == Some(&string(USER)) {
                found_user = Some(from_item::<UserItem>(OPERATION, item)?.into_user(OPERATION)?);
            } else {
                found_session = Some(read_session(OPERATION, item)?);
            }
        }
        Ok((found_user, found_session))
    }

    /// Ends a session. Idempotent.
    pub async fn end_session(&self, user: &UserId, session: &SessionId) -> Result<(), Unavailable> {
        let delete = Write::to(session_key(user, session));
        let outcome = self.table.delete_if("DeleteItem of a session", delete);
        outcome.await?.is_done().map(drop)
    }
}
