//! Throttles attempts at anything that can be guessed. An attempt counts as a failure until it succeeds, so that
//! parallel attempts do not bypass the limit. `gatecrumb_domain::throttle` has the limits and waits.

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    DeviceId, Timestamp,
    throttle::{Limits, Network},
};
use gatecrumb_store::{
    Store,
    counters::{Attempt, Permit as Counted, Visitor},
};

/// What is attempted, and by whom.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// A sign-in.
    SignIn {
        /// The known device, if the browser has a device cookie for the name.
        device: Option<&'a DeviceId>,
        /// The name as a pseudonym, because people type passwords there by mistake.
        name: &'a str,
        /// The visitor's network.
        network: Network,
    },
}

/// Grants or denies attempts.
pub struct Throttle {
    store: Store,
    limits: Option<Limits>,
}

/// Whether an attempt may continue.
#[must_use]
pub enum Acquired<'a> {
    /// It may continue and is counted.
    Granted(Permit<'a>),
    /// It may not, and no counter was changed.
    Denied {
        /// Seconds until the next attempt may continue, at least one.
        retry_after: u32,
    },
}

/// A counted attempt. A dropped permit stays counted as a failure.
pub struct Permit<'a>(Option<Attempt<'a>>);

impl Throttle {
    /// A throttle with its counters in `store`. Without limits it grants every attempt, which is only for tests.
    #[must_use]
    pub fn new(store: Store, limits: Option<Limits>) -> Self {
        Self { store, limits }
    }

    /// Counts an attempt or denies it. Must come before the credentials are checked.
    pub async fn acquire(&self, purpose: Purpose<'_>, now: Timestamp) -> Result<Acquired<'_>, Unavailable> {
        let Some(limits) = self.limits else {
            return Ok(Acquired::Granted(Permit(None)));
        };
        let Purpose::SignIn {
            device,
            name,
            network,
        } = purpose;
        let visitor = match device {
            Some(device) => Visitor::Device(device.clone()),
            None => Visitor::stranger(name.to_owned(), network),
        };
        let mut attempt = self.store.attempt(limits, visitor, now);
        Ok(match attempt.count().await? {
            Counted::Granted => Acquired::Granted(Permit(Some(attempt))),
            Counted::Denied { retry_after } => Acquired::Denied { retry_after },
        })
    }
}

impl Permit<'_> {
    /// The attempt succeeded: it no longer counts as a failure. Best effort: an error is logged, not returned.
    pub async fn succeeded(&self) {
        if let Some(attempt) = &self.0 {
            warn_if_failed(attempt.succeeded().await);
        }
    }

    /// The attempt ended without a result, because of a fault of ours: it no longer counts. Best effort.
    pub async fn abandoned(&self) {
        if let Some(attempt) = &self.0 {
            warn_if_failed(attempt.abandoned().await);
        }
    }
}

fn warn_if_failed(outcome: Result<(), Unavailable>) {
    if let Err(error) = outcome {
        let cause = error.to_string();
        tracing::warn!(event = "throttle_not_taken_back", cause);
    }
}
