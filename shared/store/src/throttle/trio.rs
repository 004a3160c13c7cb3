use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};
use gatecrumb_domain::throttle::{Counter, DAY, Decision, Grant, HOUR, Step, Stranger, Trio};

use super::{
    Attempt, LOST_THE_RACE, Permit, TRIES,
    counter::{Place, seen},
};
use crate::{
    Unavailable,
    call::{Conflict as _, send, update_if},
    item::{number, time},
};

const COUNT: &str = "TransactWriteItems of the throttle";
const GIVE_BACK: &str = "UpdateItem of the throttle";
const CONDITION_FAILED: &str = "ConditionalCheckFailed";

impl Attempt<'_> {
    fn places(&self, stranger: &Stranger) -> Trio<Place> {
        let Stranger { name, network } = stranger;
        let limits = self.limits.trio;
        let place = |pk, limit, window| Place::new(pk, limit, window, self.now);
        Trio {
            pair: place(format!("THROTTLE#PAIR#{name}#{network}"), limits.pair, DAY),
            name: place(format!("THROTTLE#NAME#{name}"), limits.name, DAY),
            network: place(format!("THROTTLE#NETWORK#{network}"), limits.network, HOUR),
        }
    }

    /// One transaction, which counts in all three or in none. At first each is taken to be below its limit. Those that
    /// are not come back with the refusal, and once their waits have passed a second transaction counts the attempt, if
    /// they are still what they were.
    pub(super) async fn count_trio(
        &self,
        stranger: &Stranger,
    ) -> Result<Result<Trio<Step>, Permit>, Unavailable> {
        let places = self.places(stranger);
        let mut steps = Trio::of(Step {
            grant: Grant::Free,
            increment: 1,
        });
        for _ in 0..TRIES {
            let seen = match self.transact(&places, steps).await? {
                Outcome::Counted => return Ok(Ok(steps)),
                Outcome::Conflict => return Ok(Err(LOST_THE_RACE)),
                Outcome::Refused(seen) => seen,
            };
            match self.limits.decide(stranger, seen, self.now) {
                Decision::Granted(granted) => steps = granted,
                Decision::Denied { retry_after } => return Ok(Err(Permit::Denied { retry_after })),
            }
        }
        Ok(Err(LOST_THE_RACE))
    }

    async fn transact(&self, places: &Trio<Place>, steps: Trio<Step>) -> Result<Outcome, Unavailable> {
        let update = |place: &Place, step: Step| {
            let counting = place.counting(step.grant, step.increment, self.now);
            let update = Update::builder()
                .table_name(&self.store.table)
                .set_key(Some(place.key.clone()))
                .update_expression(counting.update)
                .condition_expression(counting.condition)
                .set_expression_attribute_values(Some(counting.values))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .build()
                .map_err(|error| Unavailable::because(COUNT, error.to_string()))?;
            Ok::<_, Unavailable>(TransactWriteItem::builder().update(update).build())
        };
        let transaction = self
            .store
            .client
            .transact_write_items()
            .transact_items(update(&places.pair, steps.pair)?)
            .transact_items(update(&places.name, steps.name)?)
            .transact_items(update(&places.network, steps.network)?);
        let Err(error) = send(|| transaction.clone().send()).await else {
            return Ok(Outcome::Counted);
        };
        match &error {
            SdkError::ServiceError(service) if service.err().is_conflict() => Ok(Outcome::Conflict),
            SdkError::ServiceError(service) => match service.err() {
                TransactWriteItemsError::TransactionCanceledException(canceled) => {
                    match refused(canceled.cancellation_reasons())? {
                        Some(seen) => Ok(Outcome::Refused(seen)),
                        None => Err(Unavailable::from_sdk(COUNT, &error)),
                    }
                }
                _ => Err(Unavailable::from_sdk(COUNT, &error)),
            },
            _ => Err(Unavailable::from_sdk(COUNT, &error)),
        }
    }

    /// [`Step::give_back`] for each of the three, beside one another.
    pub(super) async fn give_back(&self, stranger: &Stranger, steps: Trio<Step>) -> Result<(), Unavailable> {
        let places = self.places(stranger);
        tokio::try_join!(
            self.give_back_one(places.pair, steps.pair),
            self.give_back_one(places.name, steps.name),
            self.give_back_one(places.network, steps.network),
        )?;
        Ok(())
    }

    /// [`Step::give_back`] for DynamoDB.
    pub(super) async fn give_back_one(&self, place: Place, step: Step) -> Result<(), Unavailable> {
        let update = self
            .store
            .client
            .update_item()
            .table_name(&self.store.table)
            .set_key(Some(place.key))
            .expression_attribute_values(":added", number(step.increment));
        if let Grant::Turn(before) = step.grant {
            let with_time = update
                .clone()
                .update_expression("SET failures = failures - :added, last_at = :before")
                .condition_expression("failures >= :added AND last_at = :mine")
                .expression_attribute_values(":before", time(before.last_at))
                .expression_attribute_values(":mine", time(self.now));
            if update_if(GIVE_BACK, with_time).await? {
                return Ok(());
            }
        }
        if step.increment == 0 {
            return Ok(());
        }
        let without = update
            .update_expression("SET failures = failures - :added")
            // A retry whose first try had succeeded must not go below nothing.
            .condition_expression("failures >= :added");
        update_if(GIVE_BACK, without).await.map(drop)
    }
}

/// What came of a transaction.
enum Outcome {
    Counted,
    /// Another transaction was at the same counters for too long.
    Conflict,
    /// Some conditions failed: those counters as they were, and none of the others, whose conditions held.
    Refused(Trio<Option<Counter>>),
}

/// The counters whose conditions failed; none where the transaction was canceled for another reason.
fn refused(reasons: &[CancellationReason]) -> Result<Option<Trio<Option<Counter>>>, Unavailable> {
    let [pair, name, network] = reasons else {
        return Ok(None);
    };
    let counter = |reason: &CancellationReason| match reason.code() {
        Some(CONDITION_FAILED) => seen(COUNT, reason.item().cloned()).map(Some),
        _ => Ok(None),
    };
    let seen = Trio {
        pair: counter(pair)?,
        name: counter(name)?,
        network: counter(network)?,
    };
    let any = seen.pair.or(seen.name).or(seen.network).is_some();
    let only = [pair, name, network]
        .iter()
        .all(|reason| matches!(reason.code(), None | Some("None" | CONDITION_FAILED)));
    Ok(Some(seen).filter(|_| any && only))
}
