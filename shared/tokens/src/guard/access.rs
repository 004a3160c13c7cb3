use std::time::Duration;

use gatecrumb_domain::{AccessClaims, Acr, AuthenticationMethods, Roles, SessionId, Timestamp, UserId};

use super::Refusal;

/// Who sends a request, by a valid access token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Access {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// The user's roles when the token was issued.
    pub roles: Roles,
    /// When the user signed in, which no refresh changes.
    pub auth_time: Timestamp,
    /// How the user signed in.
    pub amr: AuthenticationMethods,
    /// The assurance level of `amr`.
    pub acr: Acr,
    /// When the token expires.
    pub expires_at: Timestamp,
}

impl Access {
    /// Refuses with 403 `role_required` a user without this role.
    pub fn require_role(&self, role: &str) -> Result<(), Refusal> {
        if self.roles.contains(role) {
            Ok(())
        } else {
            Err(Refusal::ROLE_REQUIRED)
        }
    }

    /// Refuses with 401 `reauthentication_required` a sign-in that is more than `max_age` ago (RFC 9470). A whole number
    /// of seconds.
    pub fn require_fresh(&self, max_age: Duration, now: Timestamp) -> Result<(), Refusal> {
        if now.since(self.auth_time) <= max_age {
            Ok(())
        } else {
            Err(Refusal::reauthentication(max_age))
        }
    }
}

impl From<AccessClaims> for Access {
    fn from(claims: AccessClaims) -> Self {
        let AccessClaims {
            sub,
            sid,
            exp,
            roles,
            auth_time,
            amr,
            acr,
            iat: _,
            jti: _,
        } = claims;
        Self {
            user_id: sub,
            session_id: sid,
            roles,
            auth_time,
            amr,
            acr,
            expires_at: exp,
        }
    }
}
