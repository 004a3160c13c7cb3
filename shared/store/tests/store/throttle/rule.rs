//! The stored conditions and the decisions of `gatecrumb_domain::throttle` agree.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use gatecrumb_domain::{
    Timestamp,
    throttle::{Counter, Decision, Grant, Limit, Limits, Network, Step, Stranger, Trio},
};
use proptest::prelude::*;

use super::{Permit, Table, Visitor};
use crate::NOW;

const LIMITS: fn() -> Limits = || Limits {
    device: Limit::new(2),
    trio: Trio {
        pair: Limit::new(2),
        name: Limit::new(3),
        network: Limit::new(4),
    },
};
const KEYS: Trio<&str> = Trio {
    pair: "THROTTLE#PAIR#ada#unknown",
    name: "THROTTLE#NAME#ada",
    network: "THROTTLE#NETWORK#unknown",
};

/// A counter or none, with waits of up to about a minute. `NOW` is the start of an hour.
fn counter() -> impl Strategy<Value = Option<Counter>> {
    let counter = (0..9_u64, 0..70_u64).prop_map(|(failures, ago)| Counter {
        failures,
        last_at: Timestamp(NOW.0 + 100 - ago),
    });
    prop::option::weighted(0.8, counter)
}

fn key(pk: &str, window: u64) -> HashMap<String, AttributeValue> {
    let sk = format!("FROM#{}", NOW.0 / window * window);
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(pk.to_owned())),
        ("sk".to_owned(), AttributeValue::S(sk)),
    ])
}

async fn put(table: &Table, pk: &str, window: u64, counter: Option<Counter>) {
    let Some(Counter { failures, last_at }) = counter else {
        return;
    };
    let mut item = key(pk, window);
    let number = |number: u64| AttributeValue::N(number.to_string());
    item.insert("failures".to_owned(), number(failures));
    item.insert("last_at".to_owned(), number(last_at.0));
    item.insert("expires_at".to_owned(), number(NOW.0 + window));
    table
        .store
        .table()
        .put("PutItem of a counter", item)
        .await
        .unwrap();
}

/// The counters according to the domain.
fn expected(
    before: Trio<Option<Counter>>,
    of: impl Fn(Trio<Step>, &str, Counter) -> Counter,
    steps: Option<Trio<Step>>,
) -> Vec<(String, Counter)> {
    let each = [
        (KEYS.name, before.name),
        (KEYS.network, before.network),
        (KEYS.pair, before.pair),
    ];
    let each = each.into_iter().filter_map(|(pk, counter)| match steps {
        Some(steps) => Some((pk.to_owned(), of(steps, pk, counter.unwrap_or_default()))),
        None => Some((pk.to_owned(), counter?)),
    });
    each.collect()
}

fn step(steps: Trio<Step>, pk: &str) -> Step {
    match pk {
        pk if pk == KEYS.pair => steps.pair,
        pk if pk == KEYS.name => steps.name,
        _ => steps.network,
    }
}

async fn stored(table: &Table) -> Vec<(String, Counter)> {
    let counters = table.counters().await.into_iter();
    counters
        .map(|(pk, (failures, last_at))| (pk, Counter { failures, last_at }))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn three_counters(pair in counter(), name in counter(), network in counter(), pause in 0..70_u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let table = Table::new().await;
            let before = Trio { pair, name, network };
            put(&table, KEYS.pair, super::DAY, pair).await;
            put(&table, KEYS.name, super::DAY, name).await;
            put(&table, KEYS.network, 3600, network).await;
            let now = Timestamp(NOW.0 + 100 + pause);
            let stranger = Stranger { name: "ada".to_owned(), network: Network::of(None) };
            let decision = LIMITS().decide(&stranger, before, now);

            let mut attempt = table.store.attempt(LIMITS(), Visitor::Stranger(stranger), now);
            let permit = attempt.count().await.unwrap();
            let steps = match decision {
                Decision::Granted(steps) => {
                    assert_eq!(permit, Permit::Granted);
                    Some(steps)
                }
                Decision::Denied { retry_after } => {
                    assert_eq!(permit, Permit::Denied { retry_after });
                    None
                }
            };
            let counted = expected(before, |steps, pk, counter| step(steps, pk).count(counter, now), steps);
            assert_eq!(stored(&table).await, counted, "{decision:?}");

            attempt.succeeded().await.unwrap();
            let given_back = expected(
                before,
                |steps, pk, counter| {
                    let step = step(steps, pk);
                    step.give_back(step.count(counter, now), now)
                },
                steps,
            );
            assert_eq!(stored(&table).await, given_back, "{decision:?}");
        });
    }

    #[test]
    fn one_counter(before in counter(), pause in 0..70_u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            const KEY: &str = "THROTTLE#DEVICE#id";
            let table = Table::new().await;
            put(&table, KEY, super::DAY, before).await;
            let now = Timestamp(NOW.0 + 100 + pause);
            let visitor = Visitor::Device("id".parse().unwrap());
            let mut attempt = table.store.attempt(LIMITS(), visitor, now);
            let permit = attempt.count().await.unwrap();
            let counter = before.unwrap_or_default();
            match LIMITS().device.decide(counter, now) {
                Ok(grant) => {
                    assert_eq!(permit, Permit::Granted);
                    assert_eq!(matches!(grant, Grant::Free), counter.failures < 2);
                    let counted = Step { grant, increment: 1 }.count(counter, now);
                    assert_eq!(stored(&table).await, [(KEY.to_owned(), counted)]);
                    attempt.succeeded().await.unwrap();
                    assert_eq!(stored(&table).await, []);
                }
                Err(retry_after) => {
                    assert_eq!(permit, Permit::Denied { retry_after });
                    attempt.succeeded().await.unwrap();
                    let unchanged: Vec<_> = before.map(|counter| (KEY.to_owned(), counter)).into_iter().collect();
                    assert_eq!(stored(&table).await, unchanged);
                }
            }
        });
    }
}
