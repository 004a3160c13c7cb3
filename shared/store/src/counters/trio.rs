use gatecrumb_aws::Unavailable;
use gatecrumb_domain::throttle::{Counter, DAY, Decision, Grant, HOUR, Step, Stranger, Trio};

use super::{
    Attempt, Counted, LOST_THE_RACE, Permit, TRIES,
    row::{CounterRow, seen},
};
use crate::table::{Check, TransactOutcome, TransactWrite};

const COUNT: &str = "TransactWriteItems of the throttle";

impl Attempt<'_> {
    fn rows(&self, stranger: &Stranger) -> Trio<CounterRow> {
        let Stranger { name, network } = stranger;
        let limits = self.limits.trio;
        let row = |pk, limit, window| CounterRow::new(pk, limit, window, self.now);
        Trio {
            pair: row(format!("THROTTLE#PAIR#{name}#{network}"), limits.pair, DAY),
            name: row(format!("THROTTLE#NAME#{name}"), limits.name, DAY),
            network: row(format!("THROTTLE#NETWORK#{network}"), limits.network, HOUR),
        }
    }

    /// One transaction, which counts the attempt in all three counters or in none. The first try assumes that each is
    /// below its limit. Its refusal returns those that are not. Once their waits have passed, a second transaction
    /// counts the attempt if they are unchanged.
    pub(super) async fn count_trio(&mut self, stranger: &Stranger) -> Result<Permit, Unavailable> {
        let rows = self.rows(stranger);
        let mut steps = Trio::of(Step {
            grant: Grant::Free,
            increment: 1,
        });
        for _ in 0..TRIES {
            let writes = [
                rows.pair.count(steps.pair, self.now),
                rows.name.count(steps.name, self.now),
                rows.network.count(steps.network, self.now),
            ];
            let writes = writes.map(TransactWrite::Update);
            let checks = match self.store.table.transact(COUNT, writes).await? {
                TransactOutcome::Done => {
                    self.counted = Counted::Trio(steps);
                    return Ok(Permit::Granted);
                }
                TransactOutcome::Refused(checks) => checks,
                TransactOutcome::Contended(_) => return Ok(LOST_THE_RACE),
            };
            match self.limits.decide(stranger, refused(checks)?, self.now) {
                Decision::Granted(granted) => steps = granted,
                Decision::Denied { retry_after } => return Ok(Permit::Denied { retry_after }),
            }
        }
        Ok(LOST_THE_RACE)
    }

    /// [`Step::give_back`] for all three in parallel.
    pub(super) async fn give_back(&self, stranger: &Stranger, steps: Trio<Step>) -> Result<(), Unavailable> {
        let rows = self.rows(stranger);
        tokio::try_join!(
            rows.pair.give_back(self.store, steps.pair, self.now),
            rows.name.give_back(self.store, steps.name, self.now),
            rows.network.give_back(self.store, steps.network, self.now),
        )?;
        Ok(())
    }
}

/// The counters whose conditions failed; `None` for the others.
fn refused(checks: Vec<Check>) -> Result<Trio<Option<Counter>>, Unavailable> {
    let Ok([pair, name, network]) = <[Check; 3]>::try_from(checks) else {
        return Err(Unavailable::because(
            COUNT,
            "the number of cancellation reasons is not the number of writes",
        ));
    };
    let counter = |check| match check {
        Check::Failed(item) => seen(COUNT, item).map(Some),
        Check::Held => Ok(None),
    };
    Ok(Trio {
        pair: counter(pair)?,
        name: counter(name)?,
        network: counter(network)?,
    })
}
