//! Lambda authorizers for the routes of other HTTP APIs: REQUEST, payload format 2.0, simple responses. [`start`] trusts
//! a valid access token until it expires; [`strict::start`] also reads its user and session.

mod decision;
mod service;
#[cfg(feature = "strict")]
pub mod strict;

use gatecrumb_domain::{AccessClaims, Timestamp};
use gatecrumb_runtime::{ConfigError, Environment, Host};
use gatecrumb_tokens::guard::GuardSettings;

pub use decision::{Decision, Denied, Fault, Identity};
pub use service::Authorizer;

/// What decides about a valid access token.
pub trait Policy: Send + Sync + 'static {
    /// The function's name in the logs.
    const NAME: &'static str;

    /// Who the holder of the token is, unless the token no longer counts.
    fn identify(
        &self,
        token: AccessClaims,
        now: Timestamp,
    ) -> impl Future<Output = Result<Identity, Undecided>> + Send;
}

/// Why a valid access token identifies nobody.
#[derive(Debug)]
pub enum Undecided {
    /// It no longer counts.
    Denied(Denied),
    /// That could not be determined.
    Fault(Fault),
}

/// Every valid token counts until it expires.
pub struct Stateless;

impl Policy for Stateless {
    const NAME: &'static str = "authorizer";

    async fn identify(&self, token: AccessClaims, _now: Timestamp) -> Result<Identity, Undecided> {
        Ok(Identity::of(token))
    }
}

/// Reads the configuration.
#[expect(clippy::unused_async, reason = "all functions start alike")]
pub async fn start(env: Environment, host: Host) -> Result<Authorizer<Stateless>, ConfigError> {
    Ok(Authorizer::new(GuardSettings::read(&env)?, Stateless, host.clock))
}
