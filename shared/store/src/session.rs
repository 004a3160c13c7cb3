use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    types::{KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use gatecrumb_domain::{
    RefreshClaims, Session, SessionId, Timestamp, TokenId, User, UserId,
    rotation::{RotationPolicy, SessionState},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, Unavailable,
    call::send,
    item::{Item, SESSION_PREFIX, USER, id_in, read, session_key, session_sk, text, time, user_key, user_pk},
    user::{USER_ATTRIBUTES, USER_NAMES, UserItem},
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

pub(crate) fn read_session(operation: &'static str, item: Item) -> Result<Session, Unavailable> {
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
        let item: Item = serde_dynamo::to_item(item)
            .map_err(|error| Unavailable::because(OPERATION, format!("unwritable item: {error}")))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item));
        send(|| put.clone().send())
            .await
            .map_err(|e| Unavailable::from_sdk(OPERATION, &e))?;
        Ok(())
    }

    /// The user and the session in one round trip, each `None` when there is none. The password's hash is not
    /// read.
    pub async fn user_and_session(
        &self,
        user: &UserId,
        session: &SessionId,
    ) -> Result<(Option<User>, Option<Session>), Unavailable> {
        const OPERATION: &str = "BatchGetItem of a user and a session";
        let mut keys = KeysAndAttributes::builder()
            .keys(user_key(user))
            .keys(session_key(user, session))
            .consistent_read(true)
            .projection_expression(format!(
                "{USER_ATTRIBUTES}, #current, epoch, created_at, rotated_at, absolute_expires_at, expires_at"
            ))
            .expression_attribute_names("#current", "current");
        for (placeholder, attribute) in USER_NAMES {
            keys = keys.expression_attribute_names(placeholder, attribute);
        }
        let keys = keys
            .build()
            .map_err(|error| Unavailable::because(OPERATION, error.to_string()))?;
        let (mut found_user, mut found_session) = (None, None);
        for item in self.batch(OPERATION, keys).await? {
            if item.get("sk") == Some(&text(USER)) {
                found_user = Some(read::<UserItem>(OPERATION, item)?.into_user(OPERATION)?);
            } else {
                found_session = Some(read_session(OPERATION, item)?);
            }
        }
        Ok((found_user, found_session))
    }

    /// The one write of a rotation: the presented token becomes `current` if the rule allows it
    /// ([`RotationPolicy::decide`] on the row that comes back says which case it was).
    pub async fn advance_session(
        &self,
        token: &RefreshClaims,
        policy: &RotationPolicy,
        idle: Duration,
        now: Timestamp,
    ) -> Result<RotationWrite, Unavailable> {
        const OPERATION: &str = "UpdateItem of a session";
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(session_key(&token.sub, &token.sid)))
            .update_expression("SET #current = :jti, rotated_at = :now, expires_at = :idle")
            .condition_expression(
                "#current IN (:jti, :parent) AND expires_at > :now AND absolute_expires_at > :now \
                 AND created_at >= :not_before",
            )
            .expression_attribute_names("#current", "current")
            .expression_attribute_values(":jti", text(token.jti.as_str()))
            .expression_attribute_values(":parent", text(token.parent.as_str()))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":idle", time(now + idle))
            .expression_attribute_values(":not_before", time(policy.sessions_not_before))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (item, written) = match send(|| update.clone().send()).await {
            // The condition holds for a row alone, so there was one.
            Ok(answer) if answer.attributes.is_none() => {
                return Err(Unavailable::because(OPERATION, "the answer lacks Attributes"));
            }
            Ok(answer) => (answer.attributes, true),
            Err(SdkError::ServiceError(e)) if e.err().is_conditional_check_failed_exception() => {
                (condition_item(e.into_err()), false)
            }
            Err(error) => return Err(Unavailable::from_sdk(OPERATION, &error)),
        };
        let before = item.map(|item| read_session(OPERATION, item)).transpose()?;
        Ok(RotationWrite { before, written })
    }

    /// Ends the session that all of these tokens are of, provided that each of them still is superseded: `Ok` when it
    /// was ended. Otherwise `Err` holds the row as it is now, to decide again.
    ///
    /// At most 50 tokens (DynamoDB takes 100 operands of `IN`); without any, nothing is ended.
    pub async fn end_reused_session(
        &self,
        tokens: &[RefreshClaims],
    ) -> Result<Result<(), Option<Session>>, Unavailable> {
        const OPERATION: &str = "DeleteItem of a reused session";
        let Some(token) = tokens.first() else {
            return Ok(Err(None));
        };
        let in_use = tokens.iter().flat_map(|token| [&token.jti, &token.parent]);
        let in_use: Vec<_> = in_use
            .enumerate()
            .map(|(place, id)| (format!(":id{place}"), text(id.as_str())))
            .collect();
        let names: Vec<&str> = in_use.iter().map(|(name, _)| name.as_str()).collect();
        let condition = format!("attribute_exists(pk) AND NOT #current IN ({})", names.join(", "));
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(session_key(&token.sub, &token.sid)))
            .condition_expression(condition)
            .expression_attribute_names("#current", "current")
            .set_expression_attribute_values(Some(in_use.into_iter().collect()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match send(|| delete.clone().send()).await {
            Ok(_) => Ok(Ok(())),
            Err(SdkError::ServiceError(e)) if e.err().is_conditional_check_failed_exception() => {
                let item = match e.into_err() {
                    aws_sdk_dynamodb::operation::delete_item::DeleteItemError::ConditionalCheckFailedException(
                        failed,
                    ) => failed.item,
                    _ => None,
                };
                Ok(Err(item.map(|item| read_session(OPERATION, item)).transpose()?))
            }
            Err(error) => Err(Unavailable::from_sdk(OPERATION, &error)),
        }
    }

    /// Ends a session. Repeating it changes nothing.
    pub async fn end_session(&self, user: &UserId, session: &SessionId) -> Result<(), Unavailable> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(session_key(user, session)));
        send(|| delete.clone().send())
            .await
            .map_err(|e| Unavailable::from_sdk("DeleteItem of a session", &e))?;
        Ok(())
    }
}

pub(crate) fn condition_item(
    error: aws_sdk_dynamodb::operation::update_item::UpdateItemError,
) -> Option<Item> {
    match error {
        aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(
            failed,
        ) => failed.item,
        _ => None,
    }
}
