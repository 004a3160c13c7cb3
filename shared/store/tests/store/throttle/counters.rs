//! The counters that an attempt, a success and a denial change.

use gatecrumb_store::counters::Permit;

use super::{Table, WAIT_1, address, begin, device, fail, seconds, stranger, succeed};
use crate::NOW;

/// Issue: four denied attempts left two other counters at 4.
#[tokio::test]
async fn an_attempt_denied_by_one_counter_changes_none() {
    let table = Table::new().await;
    let store = &table.store;
    // The pair is at its limit.
    for _ in 0..5 {
        fail(store, stranger("ada", "192.0.2.1"), NOW).await;
    }
    // So is another name, from networks below their limits …
    for host in 100..120 {
        for _ in 0..5 {
            fail(store, stranger("eve", &address(host)), NOW).await;
        }
    }
    // … and a network, for names below their limits.
    for name in 0..50 {
        fail(store, stranger(&format!("name{name}"), "192.0.2.2"), NOW).await;
    }
    let before = table.counters().await;
    for _ in 0..4 {
        for visitor in [
            stranger("ada", "192.0.2.1"),
            stranger("eve", "192.0.2.3"),
            stranger("bob", "192.0.2.2"),
        ] {
            assert_eq!(succeed(store, visitor, NOW).await, WAIT_1);
        }
    }
    assert_eq!(table.counters().await, before);
}

/// Issue: 106 failures from one NAT kept everyone behind it waiting for 64 s, known or not.
#[tokio::test]
async fn others_do_not_delay_a_known_device_and_its_failures_change_no_other_counter() {
    let table = Table::new().await;
    let store = &table.store;
    let mut now = NOW;
    for attempt in 0..200 {
        let name = if attempt % 2 == 0 { "ada" } else { "bob" };
        fail(store, stranger(name, &address(attempt % 25)), now).await;
        fail(store, stranger(&format!("name{attempt}"), "192.0.2.1"), now).await;
        now = now + seconds(1);
    }
    assert_ne!(
        fail(store, stranger("ada", "192.0.2.1"), now).await,
        Permit::Granted
    );
    let before = table.counters().await;
    for _ in 0..4 {
        assert_eq!(fail(store, device("adas"), now).await, Permit::Granted);
    }
    let mut after = table.counters().await;
    assert_eq!(after.remove("THROTTLE#DEVICE#adas"), Some((4, now)));
    assert_eq!(after, before);
    for _ in 0..10 {
        assert_eq!(succeed(store, device("adas"), now).await, Permit::Granted);
    }
    assert_eq!(table.counters().await, before, "a success deletes the failures");
}

#[tokio::test]
async fn a_success_subtracts_only_its_own_attempt() {
    let table = Table::new().await;
    let store = &table.store;
    let visitor = || stranger("ada", "192.0.2.1");
    for _ in 0..4 {
        fail(store, visitor(), NOW).await;
    }
    let zero = (
        "THROTTLE#NAME#ada",
        "THROTTLE#NETWORK#192.0.2.1",
        "THROTTLE#PAIR#ada#192.0.2.1",
    );
    for _ in 0..30 {
        assert_eq!(succeed(store, visitor(), NOW).await, Permit::Granted);
        let counters = table.counters().await;
        for pk in [zero.0, zero.1, zero.2] {
            assert_eq!(counters[pk].0, 4, "{pk}: a success leaves the failures unchanged");
        }
    }
    assert_eq!(fail(store, visitor(), NOW).await, Permit::Granted);
    assert_eq!(fail(store, visitor(), NOW).await, WAIT_1);
}

/// Parallel attempts each subtract their own.
#[tokio::test]
async fn overlapping_attempts_leave_only_the_failures() {
    let table = Table::new().await;
    let store = &table.store;
    let visitor = || stranger("ada", "192.0.2.1");
    for _ in 0..3 {
        fail(store, visitor(), NOW).await;
    }
    let first = begin(store, visitor(), NOW).await;
    let second = begin(store, visitor(), NOW).await;
    let third = begin(store, visitor(), NOW + seconds(1)).await;
    first.succeeded().await.unwrap();
    assert_eq!(fail(store, visitor(), NOW + seconds(1)).await, WAIT_1);
    // The second attempt fails.
    drop(second);
    third.succeeded().await.unwrap();
    let counters = table.counters().await;
    assert!(
        counters.values().all(|(failures, _)| *failures == 4),
        "{counters:?}"
    );
    assert_eq!(fail(store, visitor(), NOW + seconds(1)).await, Permit::Granted);
    // At the limit, a success restores the time of the previous attempt.
    let before = table.counters().await;
    assert_eq!(succeed(store, visitor(), NOW + seconds(2)).await, Permit::Granted);
    assert_eq!(
        table.counters().await["THROTTLE#PAIR#ada#192.0.2.1"],
        before["THROTTLE#PAIR#ada#192.0.2.1"]
    );
    assert_eq!(succeed(store, visitor(), NOW + seconds(2)).await, Permit::Granted);
}

/// Issue: whether the response was 401 or 429 depended on who had signed in from the network.
#[tokio::test]
async fn previous_sign_ins_from_a_network_change_no_decision() {
    let tables = [Table::new().await, Table::new().await];
    for _ in 0..3 {
        succeed(&tables[0].store, stranger("ada", "192.0.2.1"), NOW).await;
    }
    let mut now = NOW;
    for attempt in 0..300 {
        let visitor = stranger("ada", &address(attempt % 30));
        let mut permits = Vec::new();
        for table in &tables {
            permits.push(fail(&table.store, visitor.clone(), now).await);
        }
        assert_eq!(permits[0], permits[1], "attempt {attempt}");
        now = now + seconds(7);
    }
}
