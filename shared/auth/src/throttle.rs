//! Permits to try something that can be guessed. An attempt counts as a failure before it is looked at, and a success
//! gives back what it added. `gatecrumb_domain::throttle` has the rule.

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    DeviceId, Timestamp,
    throttle::{Limits, Network},
};
use gatecrumb_store::{
    Store,
    throttle::{Attempt, Permit as Counted, Visitor},
};

/// What is tried, by whom.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// A sign-in.
    SignIn {
        /// The device, where the browser is known for the name.
        device: Option<&'a DeviceId>,
        /// The name as a pseudonym: people type passwords there by mistake.
        name: &'a str,
        /// Where the attempt comes from.
        network: Network,
    },
}

/// Grants attempts; without limits, every one.
pub struct Throttle {
    store: Store,
    limits: Option<Limits>,
}

/// Whether an attempt may go on.
#[must_use]
pub enum Acquired<'a> {
    /// It may, and is counted.
    Granted(Permit<'a>),
    /// It may not, and no counter was changed.
    Denied {
        /// Seconds until the next attempt may go on, at least one.
        retry_after: u32,
    },
}

/// A counted attempt. Dropped, it stays counted as a failure.
pub struct Permit<'a>(Option<Attempt<'a>>);

impl Throttle {
    /// A throttle with its counters in `store`; `None` grants every attempt, which is for tests.
    #[must_use]
    pub fn new(store: Store, limits: Option<Limits>) -> Self {
        Self { store, limits }
    }

    /// Counts an attempt, or says how long to wait.
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
    /// The attempt was right. Best effort: a failure here must not fail the request.
    pub async fn succeeded(&self) {
        if let Some(attempt) = &self.0 {
            warn_of(attempt.succeeded().await);
        }
    }

    /// The attempt was not looked at, because of a fault that the visitor has no part in. Best effort.
    pub async fn abandoned(&self) {
        if let Some(attempt) = &self.0 {
            warn_of(attempt.abandoned().await);
        }
    }
}

fn warn_of(outcome: Result<(), Unavailable>) {
    if let Err(error) = outcome {
        let cause = error.to_string();
        tracing::warn!(event = "throttle_not_taken_back", cause);
    }
}
