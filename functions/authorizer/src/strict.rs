//! Reads the token's user and session in one round trip: a revoked session, a disabled user and changed roles show at once.

use gatecrumb_auth::{CurrentSession, NoSession};
use gatecrumb_domain::{AccessClaims, Timestamp};
use gatecrumb_runtime::{ConfigError, Environment, Host, config};
use gatecrumb_store::Store;
use gatecrumb_tokens::guard::{self, GuardSettings};

use crate::{Authorizer, Denied, Fault, Identity, Policy, Undecided};

/// A valid token counts while its session is live.
pub struct Strict {
    store: Store,
    sessions_not_before: Timestamp,
}

/// Reads the configuration and connects to DynamoDB.
pub async fn start(env: Environment, host: Host) -> Result<Authorizer<Strict>, ConfigError> {
    let connection = config::aws::read(&env, &host)?;
    let table = config::table::read(&env)?;
    let settings = GuardSettings::read(&env)?;
    let policy = Strict {
        sessions_not_before: config::sessions::not_before(&env)?,
        store: table.connect(&connection, 1).await,
    };
    Ok(Authorizer::new(settings, policy, host.clock))
}

impl Policy for Strict {
    const NAME: &'static str = "authorizer-strict";

    async fn identify(&self, token: AccessClaims, now: Timestamp) -> Result<Identity, Undecided> {
        let CurrentSession { user, session } =
            CurrentSession::of(&token, &self.store, self.sessions_not_before, now).await?;
        let exp = token.exp;
        Ok(Identity {
            sub: user.id,
            sid: session.id,
            exp,
            auth_time: session.authentication.time,
            acr: session.authentication.methods.acr(),
            amr: session.authentication.methods,
            roles: user.roles,
        })
    }
}

impl From<NoSession> for Undecided {
    fn from(error: NoSession) -> Self {
        match error {
            NoSession::Ended => Self::Denied(Denied::SessionEnded),
            NoSession::AccountDisabled => Self::Denied(Denied::AccountDisabled),
            NoSession::NotLoggedIn => Self::Denied(guard::Denied::Nothing.into()),
            NoSession::AccessExpired => Self::Denied(guard::Denied::Expired.into()),
            NoSession::TokenInvalid => Self::Denied(guard::Denied::Invalid.into()),
            NoSession::Unavailable(error) => Self::Fault(Fault::Unavailable(error.to_string())),
        }
    }
}
