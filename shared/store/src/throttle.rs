//! The counters of [`gatecrumb_domain::throttle`] in the table. The rule is decided there; here are the conditions that
//! say the same to DynamoDB, and how often a write is tried.
//!
//! A counter's key names its window, so that an old one is never looked at, swept or not.

mod counter;
mod device;
mod trio;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    DeviceId, Timestamp,
    throttle::{Limits, Network, Step, Stranger, Trio},
};

use crate::Store;

/// Tries of counting one attempt. Two are enough unless others are counted or taken back between them.
const TRIES: u32 = 4;

/// Who makes an attempt.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// A browser with a device cookie for the name.
    Device(DeviceId),
    /// Anybody else.
    Stranger(Stranger),
}

impl Visitor {
    /// Somebody without a device cookie. `name` is a pseudonym: what people type there may be a password.
    #[must_use]
    pub fn stranger(name: String, network: Network) -> Self {
        Self::Stranger(Stranger { name, network })
    }
}

/// Whether an attempt may go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permit {
    /// It may; it is counted.
    Granted,
    /// It may not, and no counter was changed.
    Denied {
        /// Seconds until the next attempt may go on, at least one.
        retry_after: u32,
    },
}

/// Whoever took the turns was counted.
const LOST_THE_RACE: Permit = Permit::Denied { retry_after: 1 };

/// One sign-in attempt.
pub struct Attempt<'a> {
    store: &'a Store,
    limits: Limits,
    visitor: Visitor,
    now: Timestamp,
    counted: Counted,
}

/// What an attempt has added so far.
#[derive(Clone, Copy)]
enum Counted {
    Nothing,
    Device(Step),
    Trio(Trio<Step>),
}

impl Store {
    /// An attempt to sign in.
    #[must_use]
    pub fn attempt(&self, limits: Limits, visitor: Visitor, now: Timestamp) -> Attempt<'_> {
        Attempt {
            store: self,
            limits,
            visitor,
            now,
            counted: Counted::Nothing,
        }
    }
}

impl Attempt<'_> {
    /// Counts it as a failure, or says how long to wait. Comes before the password is looked at.
    pub async fn count(&mut self) -> Result<Permit, Unavailable> {
        match self.visitor.clone() {
            Visitor::Device(device) => self.count_device(&device).await,
            Visitor::Stranger(stranger) => self.count_trio(&stranger).await,
        }
    }

    /// The password was right: a device's failures are forgotten; any other counter gets back what this attempt
    /// added, the last attempt's time included.
    pub async fn succeeded(&self) -> Result<(), Unavailable> {
        match (&self.visitor, self.counted) {
            (Visitor::Device(device), Counted::Device(_)) => self.forget_device(device).await,
            (Visitor::Stranger(stranger), Counted::Trio(steps)) => self.give_back(stranger, steps).await,
            _ => Ok(()),
        }
    }

    /// Nothing came of it, as for a fault of DynamoDB's: every counter gets back what this attempt added.
    pub async fn abandoned(&self) -> Result<(), Unavailable> {
        match (&self.visitor, self.counted) {
            (Visitor::Device(device), Counted::Device(step)) => self.give_back_device(device, step).await,
            (Visitor::Stranger(stranger), Counted::Trio(steps)) => self.give_back(stranger, steps).await,
            _ => Ok(()),
        }
    }
}
