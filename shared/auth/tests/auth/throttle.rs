use std::collections::BTreeMap;

use gatecrumb_auth::throttle::{Acquired, Permit, Purpose, Throttle};
use gatecrumb_domain::{
    DeviceId, Timestamp,
    throttle::{Limit, Limits, Network, Trio},
};
use gatecrumb_store::table::Item;
use tracing::Level;

use crate::{
    fixtures::{Fixtures, NOW, seconds},
    log,
};

const PAIR: &str = "THROTTLE#PAIR#pseudonym#192.0.2.1";
const NAME: &str = "THROTTLE#NAME#pseudonym";
const NETWORK: &str = "THROTTLE#NETWORK#192.0.2.1";
const DEVICE: &str = "THROTTLE#DEVICE#device";

/// Two failures are free.
fn throttle(fixtures: &Fixtures) -> Throttle {
    let limits = Limits {
        device: Limit::new(2),
        trio: Trio {
            pair: Limit::new(2),
            name: Limit::new(100),
            network: Limit::new(100),
        },
    };
    Throttle::new(fixtures.store.clone(), Some(limits))
}

fn sign_in(device: Option<&DeviceId>) -> Purpose<'_> {
    Purpose::SignIn {
        device,
        name: "pseudonym",
        network: Network::of("192.0.2.1".parse().ok()),
    }
}

/// A stranger's sign-in and a known device's, each with its counters.
fn purposes(device: &DeviceId) -> [(Purpose<'_>, &'static [&'static str]); 2] {
    [
        (sign_in(None), &[NAME, NETWORK, PAIR]),
        (sign_in(Some(device)), &[DEVICE]),
    ]
}

fn device() -> DeviceId {
    "device".parse().unwrap()
}

async fn granted<'a>(throttle: &'a Throttle, purpose: Purpose<'_>, now: Timestamp) -> Permit<'a> {
    let Acquired::Granted(permit) = throttle.acquire(purpose, now).await.unwrap() else {
        unreachable!("the attempt was denied");
    };
    permit
}

/// The seconds to wait.
async fn denied(throttle: &Throttle, purpose: Purpose<'_>, now: Timestamp) -> u32 {
    let Acquired::Denied { retry_after } = throttle.acquire(purpose, now).await.unwrap() else {
        unreachable!("the attempt was granted");
    };
    retry_after
}

/// The failures of every counter.
async fn counters(fixtures: &Fixtures) -> BTreeMap<String, u64> {
    let table = fixtures.store.table();
    let scan = table
        .client()
        .scan()
        .table_name(table.name())
        .send()
        .await
        .unwrap();
    let counter = |item: &Item| {
        let failures = item.get("failures")?.as_n().ok()?.parse().ok()?;
        Some((item["pk"].as_s().ok()?.clone(), failures))
    };
    scan.items().iter().filter_map(counter).collect()
}

fn each(keys: &[&str], failures: u64) -> BTreeMap<String, u64> {
    keys.iter().map(|&key| (key.to_owned(), failures)).collect()
}

#[tokio::test]
async fn an_attempt_counts_at_once_and_a_dropped_permit_stays_counted() {
    let device = device();
    for (purpose, keys) in purposes(&device) {
        let fixtures = Fixtures::new().await;
        let throttle = throttle(&fixtures);
        for failures in 1..=2 {
            let permit = granted(&throttle, purpose, NOW).await;
            assert_eq!(counters(&fixtures).await, each(keys, failures));
            drop(permit);
            assert_eq!(counters(&fixtures).await, each(keys, failures));
        }
    }
}

#[tokio::test]
async fn beyond_the_free_failures_each_one_doubles_the_wait() {
    let device = device();
    for (purpose, _) in purposes(&device) {
        let fixtures = Fixtures::new().await;
        let throttle = throttle(&fixtures);
        let mut now = NOW;
        for _ in 0..2 {
            drop(granted(&throttle, purpose, now).await);
        }
        for wait in [1, 2, 4] {
            let before = counters(&fixtures).await;
            assert_eq!(denied(&throttle, purpose, now).await, wait);
            now = now + seconds(u64::from(wait) - 1);
            assert_eq!(denied(&throttle, purpose, now).await, 1);
            assert_eq!(counters(&fixtures).await, before, "a denial counts nothing");
            now = now + seconds(1);
            drop(granted(&throttle, purpose, now).await);
        }
    }
}

#[tokio::test]
async fn a_device_and_a_stranger_do_not_delay_each_other() {
    let (fixtures, device) = (Fixtures::new().await, device());
    let throttle = throttle(&fixtures);
    for _ in 0..2 {
        drop(granted(&throttle, sign_in(None), NOW).await);
    }
    assert_eq!(denied(&throttle, sign_in(None), NOW).await, 1);
    drop(granted(&throttle, sign_in(Some(&device)), NOW).await);
    drop(granted(&throttle, sign_in(Some(&device)), NOW).await);
    assert_eq!(denied(&throttle, sign_in(Some(&device)), NOW).await, 1);
    let another = "another".parse().unwrap();
    drop(granted(&throttle, sign_in(Some(&another)), NOW).await);
}

#[tokio::test]
async fn success_takes_back_a_strangers_attempt_and_clears_a_devices_counter() {
    let device = device();
    for (purpose, keys) in purposes(&device) {
        let fixtures = Fixtures::new().await;
        let throttle = throttle(&fixtures);
        drop(granted(&throttle, purpose, NOW).await);
        granted(&throttle, purpose, NOW).await.succeeded().await;
        let left = if keys == [DEVICE] {
            BTreeMap::new()
        } else {
            each(keys, 1)
        };
        assert_eq!(counters(&fixtures).await, left);
    }
}

#[tokio::test]
async fn abandoning_takes_back_only_that_attempt() {
    let device = device();
    for (purpose, keys) in purposes(&device) {
        let fixtures = Fixtures::new().await;
        let throttle = throttle(&fixtures);
        drop(granted(&throttle, purpose, NOW).await);
        granted(&throttle, purpose, NOW).await.abandoned().await;
        assert_eq!(counters(&fixtures).await, each(keys, 1));
    }
}

#[tokio::test]
async fn without_limits_every_attempt_is_granted_and_nothing_is_counted() {
    let (fixtures, device) = (Fixtures::new().await, device());
    let throttle = Throttle::new(fixtures.store.clone(), None);
    for (purpose, _) in purposes(&device) {
        for _ in 0..10 {
            let permit = granted(&throttle, purpose, NOW).await;
            permit.succeeded().await;
            permit.abandoned().await;
        }
    }
    assert_eq!(fixtures.requests.take(), [""; 0]);
}

#[tokio::test]
async fn an_attempt_that_cannot_be_counted_is_an_error() {
    let device = device();
    for ((purpose, _), operation) in purposes(&device)
        .into_iter()
        .zip(["TransactWriteItems", "UpdateItem"])
    {
        let fixtures = Fixtures::new().await;
        fixtures.requests.fail(operation);
        let throttle = throttle(&fixtures);
        let error = throttle.acquire(purpose, NOW).await.err().unwrap();
        assert!(error.to_string().starts_with(operation), "{error}");
    }
}

#[tokio::test]
async fn a_failure_to_take_back_is_one_warning() {
    log::capture();
    let (fixtures, device) = (Fixtures::new().await, device());
    let throttle = throttle(&fixtures);
    let permit = granted(&throttle, sign_in(Some(&device)), NOW).await;
    assert!(log::take().is_empty());
    for operation in ["DeleteItem", "UpdateItem"] {
        fixtures.requests.fail(operation);
        if operation == "DeleteItem" {
            permit.succeeded().await;
        } else {
            permit.abandoned().await;
        }
        let lines = log::take();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0].level, Level::WARN);
        assert_eq!(lines[0].fields["event"], "throttle_not_taken_back");
        let cause = lines[0].fields["cause"].as_str().unwrap();
        assert!(cause.starts_with(operation), "{cause}");
    }
    assert_eq!(counters(&fixtures).await, each(&[DEVICE], 1));
}
