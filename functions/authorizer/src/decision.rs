use gatecrumb_api::NotARequest;
use gatecrumb_domain::{AccessClaims, Acr, AuthenticationMethods, Roles, SessionId, Timestamp, UserId};
use gatecrumb_tokens::guard;
use lambda_runtime::Diagnostic;
use serde::{Serialize, Serializer, ser::Error as _};

/// The simple response of payload format 2.0. A denial has no context.
#[derive(Debug, Serialize)]
pub struct Decision {
    #[serde(rename = "isAuthorized")]
    is_authorized: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Identity>,
}

/// Whom the guarded route serves: the members of `requestContext.authorizer.lambda`.
#[derive(Debug, Serialize)]
pub struct Identity {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// When the token expires.
    pub exp: Timestamp,
    /// When the user signed in.
    pub auth_time: Timestamp,
    /// The assurance level of `amr`.
    pub acr: Acr,
    /// How the user signed in.
    #[serde(serialize_with = "json_text")]
    pub amr: AuthenticationMethods,
    /// The user's roles.
    #[serde(serialize_with = "json_text")]
    pub roles: Roles,
}

/// A list as JSON in a string: mapping templates and access logs of API Gateway can use only strings, numbers and booleans.
fn json_text<S: Serializer>(list: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    let json = serde_json::to_string(list).map_err(S::Error::custom)?;
    serializer.serialize_str(&json)
}

impl Identity {
    /// What the token claims.
    #[must_use]
    pub fn of(token: AccessClaims) -> Self {
        let AccessClaims {
            sub,
            sid,
            exp,
            auth_time,
            acr,
            amr,
            roles,
            ..
        } = token;
        Self {
            sub,
            sid,
            exp,
            auth_time,
            acr,
            amr,
            roles,
        }
    }
}

/// Why a request is denied. Only the log says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denied {
    /// The request has no valid access token.
    #[error(transparent)]
    Token(#[from] guard::Denied),
    /// The session has ended, or its user was deleted. Only `authorizer-strict` knows it.
    #[error("session_ended")]
    SessionEnded,
    /// The user is disabled. Only `authorizer-strict` knows it.
    #[error("account_disabled")]
    AccountDisabled,
}

/// Why no decision was possible. The invocation fails, which API Gateway answers with 500 and does not cache: a fault is
/// never an allow, and a denial would sign people out.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The authorizer is not configured as REQUEST with payload format 2.0, or something else invoked it.
    #[error("the event is {}, expected that of a REQUEST authorizer with payload format 2.0", .0.0)]
    Event(NotARequest),
    /// DynamoDB. The cause names no item.
    #[error("{0}")]
    Unavailable(String),
    /// The function's deadline is near.
    #[error("no decision in time")]
    Late,
    /// A bug. Its message could contain a token.
    #[error("a bug")]
    Panic,
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        let error_type = match fault {
            Fault::Event(_) => "Gatecrumb.Event",
            Fault::Unavailable(_) | Fault::Late => "Gatecrumb.Unavailable",
            Fault::Panic => "Gatecrumb.Internal",
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: fault.to_string(),
        }
    }
}

impl Decision {
    pub(crate) fn allow(identity: Identity) -> Self {
        Self {
            is_authorized: true,
            context: Some(identity),
        }
    }

    pub(crate) fn deny() -> Self {
        Self {
            is_authorized: false,
            context: None,
        }
    }
}
