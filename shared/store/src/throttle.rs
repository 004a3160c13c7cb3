//! How often passwords may be guessed. An attempt is counted as a failure before its password is looked at, by a
//! conditional write that is refused while there is a wait; success takes it back. So guesses sent at once get no
//! further than guesses sent in a row, and one that has to wait costs no hash.
//!
//! Three counters, each with its own [`Limit`]: of a name at a place (an address, IPv6 by its /64), of a name, and of
//! a place. Of one place a name's counter takes no more than the pair's free failures, and nothing of a place from which
//! somebody has signed in under that name, which does not wait for it either: so a name cannot be locked out from a few
//! addresses, and hardly ever for its owner.

mod limit;

use std::{net::IpAddr, time::Duration};

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use gatecrumb_tokens::Timestamp;
use serde::Deserialize;

pub use limit::Limit;

use crate::{
    Store, Unavailable,
    call::{send, update_if},
    item::{Item, key, number, read, time},
};

const FAILURES: &str = "failures";
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// Writes of one attempt on one counter. Two are enough unless others are counted or taken back between them.
const TRIES: u32 = 4;
/// How long a place is known after a sign-in.
const KNOWN: Duration = Duration::from_secs(30 * DAY);

/// The limits of the three counters.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a name at a place, in a day.
    pub pair: Limit,
    /// Of a name from all places, in a day.
    pub account: Limit,
    /// Of a place, whatever the names, in an hour.
    pub address: Limit,
}

/// Whether an attempt may go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
    /// It may.
    Go,
    /// Not before so many seconds have passed, at least one.
    Wait(u32),
}

/// One sign-in attempt.
pub struct Attempt<'a> {
    store: &'a Store,
    limits: Limits,
    name: String,
    place: String,
    now: Timestamp,
    /// What the attempt has added to each counter.
    account: Option<u64>,
    address: Option<u64>,
    pair: Option<u64>,
    /// Whether somebody has signed in under this name from this place.
    known: bool,
}

/// A counter in an item. Its key or its attribute names the window it counts in, so that an old one is never looked
/// at, swept or not.
struct Counter {
    key: Item,
    attribute: String,
    limit: Limit,
    ends_at: Timestamp,
}

/// The item of a counter, whose attribute goes by the name `failures` here.
#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    failures: u64,
    #[serde(default)]
    last_at: Timestamp,
    #[serde(default)]
    known_until: Timestamp,
}

impl Store {
    /// An attempt to sign in under `name`, a pseudonym: what people type there may be a password.
    #[must_use]
    pub fn attempt(
        &self,
        limits: Limits,
        name: String,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Attempt<'_> {
        Attempt {
            store: self,
            limits,
            name,
            place: address.map_or_else(|| "unknown".to_owned(), place),
            now,
            account: None,
            address: None,
            pair: None,
            known: false,
        }
    }
}

impl Attempt<'_> {
    /// Counts it for the name at this place. Comes first: what waits here adds nothing to the name's counter.
    pub async fn count_pair(&mut self) -> Result<Turn, Unavailable> {
        match self.count(&self.pair_counter(), 1).await? {
            Ok(counted) => {
                self.pair = Some(counted.failures);
                self.known = self.now < counted.known_until;
                Ok(Turn::Go)
            }
            Err(wait) => Ok(Turn::Wait(wait)),
        }
    }

    /// Counts it for the name, unless the place is known, and for the place, beside one another.
    pub async fn count_rest(&mut self) -> Result<Turn, Unavailable> {
        let (for_name, for_place) = (self.account_counter(), self.address_counter());
        // Of each place the name's counter takes the free failures alone.
        let counts = self
            .pair
            .is_none_or(|failures| self.limits.pair.is_free(failures));
        let increment = u64::from(counts);
        let account = async {
            if self.known {
                return Ok(None);
            }
            self.count(&for_name, increment).await.map(Some)
        };
        let (account, address) = tokio::try_join!(account, self.count(&for_place, 1))?;
        self.account = matches!(account, Some(Ok(_))).then_some(increment);
        self.address = address.is_ok().then_some(1);
        let waits = [account.and_then(Result::err), address.err()];
        Ok(waits.into_iter().flatten().max().map_or(Turn::Go, Turn::Wait))
    }

    /// The password was right: what was counted is taken back, the name's failures at this place are forgotten, and
    /// the place is known from now on.
    pub async fn succeeded(&self) -> Result<(), Unavailable> {
        tokio::try_join!(
            self.know(),
            self.take_back(self.account_counter(), self.account),
            self.take_back(self.address_counter(), self.address),
        )?;
        Ok(())
    }

    /// The item that knows the place as well, which no window may end: the attribute names its window.
    fn pair_counter(&self) -> Counter {
        let start = self.window(DAY);
        Counter {
            key: self.pair_key(),
            attribute: format!("failures_{start}"),
            limit: self.limits.pair,
            ends_at: Timestamp(start + DAY),
        }
    }

    fn account_counter(&self) -> Counter {
        let pk = format!("THROTTLE#ACCOUNT#{}", self.name);
        self.counter(pk, DAY, self.limits.account)
    }

    fn address_counter(&self) -> Counter {
        let pk = format!("THROTTLE#ADDRESS#{}", self.place);
        self.counter(pk, HOUR, self.limits.address)
    }

    fn counter(&self, pk: String, length: u64, limit: Limit) -> Counter {
        let start = self.window(length);
        Counter {
            key: key(pk, format!("FROM#{start}")),
            attribute: FAILURES.to_owned(),
            limit,
            ends_at: Timestamp(start + length),
        }
    }

    /// The start of the present window.
    fn window(&self, length: u64) -> u64 {
        self.now.0 / length * length
    }

    fn pair_key(&self) -> Item {
        let pk = format!("THROTTLE#PAIR#{}#{}", self.name, self.place);
        key(pk, "PAIR".to_owned())
    }

    /// The item with this attempt counted, or the seconds to wait.
    ///
    /// The first write is all that most attempts need: there is no wait. Where there was one that has passed, the second
    /// is made only if the item is still what it was, so of attempts sent at once one takes the turn.
    async fn count(&self, counter: &Counter, increment: u64) -> Result<Result<Counted, u32>, Unavailable> {
        let update = self.update(counter, increment);
        let mut conditional = counter.limit.condition(update.clone());
        for _ in 0..TRIES {
            match send(|| conditional.clone().send()).await {
                Ok(answer) => {
                    let item = answer.attributes.unwrap_or_default();
                    return counter.read(item).map(Ok);
                }
                Err(SdkError::ServiceError(e)) if e.err().is_conditional_check_failed_exception() => {
                    let item = crate::session::condition_item(e.into_err()).unwrap_or_default();
                    let seen = counter.read(item)?;
                    let free_at = seen.last_at + counter.limit.wait(seen.failures);
                    let wait = free_at.0.saturating_sub(self.now.0);
                    if wait > 0 {
                        return Ok(Err(u32::try_from(wait).unwrap_or(u32::MAX)));
                    }
                    conditional = if counter.limit.wait(seen.failures).is_zero() {
                        // Taken back meanwhile.
                        counter.limit.condition(update.clone())
                    } else {
                        update
                            .clone()
                            .condition_expression("#failures = :seen AND last_at = :seen_at")
                            .expression_attribute_values(":seen", number(seen.failures))
                            .expression_attribute_values(":seen_at", time(seen.last_at))
                    };
                }
                Err(error) => return Err(Unavailable::from_sdk(Counter::UPDATE, &error)),
            }
        }
        // Whoever took the turns was counted.
        Ok(Err(1))
    }

    /// The write that counts an attempt, without its condition.
    fn update(&self, counter: &Counter, increment: u64) -> UpdateItemFluentBuilder {
        self.store
            .client
            .update_item()
            .table_name(&self.store.table)
            .set_key(Some(counter.key.clone()))
            .update_expression(
                "SET #failures = if_not_exists(#failures, :zero) + :increment, last_at = :now, \
                 expires_at = if_not_exists(known_until, :end)",
            )
            .expression_attribute_names("#failures", &counter.attribute)
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":increment", number(increment))
            .expression_attribute_values(":now", time(self.now))
            .expression_attribute_values(":end", time(counter.ends_at))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// One write for both: in place of the failures the item says until when the place is known.
    async fn know(&self) -> Result<(), Unavailable> {
        let until = time(self.now + KNOWN);
        let put = self
            .store
            .client
            .put_item()
            .table_name(&self.store.table)
            .set_item(Some(self.pair_key()))
            .item("known_until", until.clone())
            .item("expires_at", until);
        send(|| put.clone().send())
            .await
            .map_err(|e| Unavailable::from_sdk("PutItem of a known place", &e))?;
        Ok(())
    }

    async fn take_back(&self, counter: Counter, added: Option<u64>) -> Result<(), Unavailable> {
        let Some(added @ 1..) = added else {
            return Ok(());
        };
        let update = self
            .store
            .client
            .update_item()
            .table_name(&self.store.table)
            .set_key(Some(counter.key))
            .update_expression("SET failures = failures - :added")
            // A retry whose first try had succeeded must not go below nothing.
            .condition_expression("failures >= :added")
            .expression_attribute_values(":added", number(added));
        update_if(Counter::UPDATE, update).await.map(drop)
    }
}

impl Counter {
    const UPDATE: &str = "UpdateItem of a throttle";

    fn read(&self, mut item: Item) -> Result<Counted, Unavailable> {
        if let Some(failures) = item.remove(&self.attribute) {
            item.insert(FAILURES.to_owned(), failures);
        }
        read(Self::UPDATE, item)
    }
}

/// What counts as one place: whoever has an IPv6 address has 2⁶⁴ of them.
fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            format!("{}/64", std::net::Ipv6Addr::from_bits(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_or_a_network_of_64_bits() {
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(place(address.parse().unwrap()), expected);
        }
    }
}
