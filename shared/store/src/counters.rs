//! The counters of [`gatecrumb_domain::throttle`] in the table. The domain decides; this module expresses the same
//! decision as `DynamoDB` conditions and bounds the number of tries.
//!
//! A counter's key contains its window, so that a new window starts from zero.

mod device;
mod row;
mod trio;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    DeviceId, Timestamp,
    throttle::{Limits, Network, Step, Stranger, Trio},
};

use crate::Store;

/// Tries to count one attempt. Two suffice unless other attempts change the counters in between.
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
    /// A visitor without a device cookie. `name` is a pseudonym, because people type passwords there by mistake.
    #[must_use]
    pub fn stranger(name: String, network: Network) -> Self {
        Self::Stranger(Stranger { name, network })
    }
}

/// Whether an attempt may continue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permit {
    /// It may; it is counted.
    Granted,
    /// It may not, and no counter was changed.
    Denied {
        /// Seconds until the next attempt may continue, at least one.
        retry_after: u32,
    },
}

/// Other attempts changed the counters before each try.
const LOST_THE_RACE: Permit = Permit::Denied { retry_after: 1 };

/// One sign-in attempt.
pub struct Attempt<'a> {
    store: &'a Store,
    limits: Limits,
    visitor: Visitor,
    now: Timestamp,
    counted: Counted,
}

/// What an attempt has added to the counters.
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
    /// Counts the attempt as a failure, or denies it. Must come before the password is checked.
    pub async fn count(&mut self) -> Result<Permit, Unavailable> {
        match self.visitor.clone() {
            Visitor::Device(device) => self.count_device(&device).await,
            Visitor::Stranger(stranger) => self.count_trio(&stranger).await,
        }
    }

    /// The password was correct. Deletes a device's counter; subtracts this attempt from any other counter and restores
    /// the time of the previous attempt.
    pub async fn succeeded(&self) -> Result<(), Unavailable> {
        match (&self.visitor, self.counted) {
            (Visitor::Device(device), Counted::Device(_)) => self.forget_device(device).await,
            (Visitor::Stranger(stranger), Counted::Trio(steps)) => self.give_back(stranger, steps).await,
            _ => Ok(()),
        }
    }

    /// The attempt ended without a result, for example because DynamoDB failed. Subtracts it from every counter.
    pub async fn abandoned(&self) -> Result<(), Unavailable> {
        match (&self.visitor, self.counted) {
            (Visitor::Device(device), Counted::Device(step)) => self.give_back_device(device, step).await,
            (Visitor::Stranger(stranger), Counted::Trio(steps)) => self.give_back(stranger, steps).await,
            _ => Ok(()),
        }
    }
}
