use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{
    DeviceId,
    throttle::{DAY, Grant, Step},
};

use super::{
    Attempt, Counted, LOST_THE_RACE, Permit, TRIES,
    row::{CounterRow, seen},
};
use crate::table::{Outcome, Write};

const COUNT: &str = "UpdateItem of a device's counter";
const FORGET: &str = "DeleteItem of a device's counter";

impl Attempt<'_> {
    fn device_row(&self, device: &DeviceId) -> CounterRow {
        let pk = format!("THROTTLE#DEVICE#{device}");
        CounterRow::new(pk, self.limits.device, DAY, self.now)
    }

    /// One write if the device is below its limit. Otherwise that write is refused and returns the row; once the wait
    /// has passed, a second one counts the attempt.
    pub(super) async fn count_device(&mut self, device: &DeviceId) -> Result<Permit, Unavailable> {
        let row = self.device_row(device);
        let mut grant = Grant::Free;
        for _ in 0..TRIES {
            let step = Step { grant, increment: 1 };
            let outcome = self.store.table.update_if(COUNT, row.count(step, self.now));
            let item = match outcome.await? {
                Outcome::Done(_) => {
                    self.counted = Counted::Device(step);
                    return Ok(Permit::Granted);
                }
                Outcome::Refused(item) => item,
                Outcome::Contended(_) => return Ok(LOST_THE_RACE),
            };
            match row.limit.decide(seen(COUNT, item)?, self.now) {
                Ok(granted) => grant = granted,
                Err(retry_after) => return Ok(Permit::Denied { retry_after }),
            }
        }
        Ok(LOST_THE_RACE)
    }

    pub(super) async fn give_back_device(&self, device: &DeviceId, step: Step) -> Result<(), Unavailable> {
        let row = self.device_row(device);
        row.give_back(self.store, step, self.now).await
    }

    pub(super) async fn forget_device(&self, device: &DeviceId) -> Result<(), Unavailable> {
        let delete = Write::to(self.device_row(device).key);
        let outcome = self.store.table.delete_if(FORGET, delete);
        outcome.await?.is_done().map(drop)
    }
}
