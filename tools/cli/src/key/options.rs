//! The options of a rotation: what the deployment's lifetimes are, and what to do in spite of a wait.

use std::time::Duration;

use clap::Args;
use gatecrumb_runtime::{ConfigError, Environment, config};

use super::rotation::Waits;
use crate::confirm::Confirmation;

/// A week: longer caches would delay each rotation and each reaction to a leak.
const MAX_JWKS_CACHE_SECONDS: u64 = 7 * 86_400;

#[derive(Args, Debug)]
#[command(next_help_heading = "Rotation")]
pub(crate) struct Options {
    /// Idle lifetime of sessions, as in the deployment (or set `SESSION_IDLE_SECONDS`); default: 30 days
    #[arg(long, value_name = "SECONDS")]
    session_idle_seconds: Option<String>,
    /// How long services cache the public keys, if longer than jwks.json allows (or set `JWKS_CACHE_SECONDS`); default: 300
    #[arg(long, value_name = "SECONDS")]
    jwks_cache_seconds: Option<String>,
    /// Which key signs in the deployment, if the secret does not record it: its `SigningKid`
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    pub(super) signing_kid: Option<String>,
    /// Take the step although it is too early; prompts for confirmation
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}

impl Options {
    pub(super) fn waits(&self) -> Result<Waits, ConfigError> {
        let (idle, cache) = (self.session_idle_seconds.clone(), self.jwks_cache_seconds.clone());
        let process = Environment::of_process();
        waits(&Environment::new(move |name| match name {
            "SESSION_IDLE_SECONDS" => idle.clone().or_else(|| process.text(name)),
            "JWKS_CACHE_SECONDS" => cache.clone().or_else(|| process.text(name)),
            _ => process.text(name),
        }))
    }
}

/// As the functions read them: the idle lifetime is at most `SESSION_MAX_SECONDS`.
pub(super) fn waits(env: &Environment) -> Result<Waits, ConfigError> {
    let least = jwks::MAX_AGE.as_secs();
    Ok(Waits {
        jwks_max_age: env
            .number("JWKS_CACHE_SECONDS", least, least..=MAX_JWKS_CACHE_SECONDS)
            .map(Duration::from_secs)?,
        session_idle: config::sessions::read(env)?.idle,
    })
}
