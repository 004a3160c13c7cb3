//! The waits of sequential and parallel attempts.

use futures_util::{StreamExt as _, stream};
use gatecrumb_store::counters::Permit;

use super::{DAY, WAIT_1, address, device, fail, seconds, store, stranger};
use crate::NOW;

#[tokio::test]
async fn after_five_failures_the_wait_doubles() {
    let store = store().await;
    for (visitor, other) in [
        (stranger("ada", "192.0.2.1"), stranger("ada", "192.0.2.2")),
        (device("ada"), device("other")),
    ] {
        let mut now = NOW;
        for _ in 0..5 {
            assert_eq!(fail(&store, visitor.clone(), now).await, Permit::Granted);
        }
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
            let denied = Permit::Denied { retry_after: wait };
            assert_eq!(fail(&store, visitor.clone(), now).await, denied);
            now = now + seconds(u64::from(wait) - 1);
            assert_eq!(fail(&store, visitor.clone(), now).await, WAIT_1);
            now = now + seconds(1);
            // After the full wait the attempt is granted: the denied ones did not extend it.
            assert_eq!(fail(&store, visitor.clone(), now).await, Permit::Granted);
        }
        assert_eq!(fail(&store, other, now).await, Permit::Granted);
    }
    // Other names from this network do not wait.
    assert_eq!(
        fail(&store, stranger("eve", "192.0.2.1"), NOW).await,
        Permit::Granted
    );
}

#[tokio::test]
async fn a_thousand_parallel_attempts_get_five_permits() {
    let store = store().await;
    for visitor in [stranger("ada", "192.0.2.1"), device("ada")] {
        let attempts = (0..1000).map(|_| fail(&store, visitor.clone(), NOW));
        let permits: Vec<Permit> = stream::iter(attempts).buffer_unordered(50).collect().await;
        assert_eq!(
            permits
                .iter()
                .filter(|permit| **permit == Permit::Granted)
                .count(),
            5
        );
        assert_eq!(permits.iter().filter(|permit| **permit == WAIT_1).count(), 995);
    }
}

#[tokio::test]
async fn after_the_wait_one_of_many_parallel_attempts_is_granted() {
    let store = store().await;
    for visitor in [stranger("ada", "192.0.2.1"), device("ada")] {
        for _ in 0..5 {
            assert_eq!(fail(&store, visitor.clone(), NOW).await, Permit::Granted);
        }
        let now = NOW + seconds(1);
        let attempts = (0..200).map(|_| fail(&store, visitor.clone(), now));
        let permits: Vec<Permit> = stream::iter(attempts).buffer_unordered(50).collect().await;
        assert_eq!(
            permits
                .iter()
                .filter(|permit| **permit == Permit::Granted)
                .count(),
            1
        );
        let denied = Permit::Denied { retry_after: 2 };
        assert_eq!(permits.iter().filter(|permit| **permit == denied).count(), 199);
    }
}

#[tokio::test]
async fn parallel_attempts_from_many_networks_get_as_many_permits_as_the_name_allows() {
    let store = store().await;
    let attempts = (0..200).map(|host| fail(&store, stranger("ada", &address(host)), NOW));
    let permits: Vec<Permit> = stream::iter(attempts).buffer_unordered(50).collect().await;
    assert_eq!(
        permits
            .iter()
            .filter(|permit| **permit == Permit::Granted)
            .count(),
        100
    );
}

#[tokio::test]
async fn a_name_has_to_wait_only_after_failures_from_many_networks() {
    let store = store().await;
    // One network adds only five failures to the name's counter.
    let mut now = NOW;
    for _ in 0..20 {
        fail(&store, stranger("ada", "192.0.2.0"), now).await;
        now = now + seconds(900);
    }
    for host in 1..20 {
        for _ in 0..5 {
            assert_eq!(
                fail(&store, stranger("ada", &address(host)), now).await,
                Permit::Granted
            );
        }
    }
    // With a hundred failures, every network has to wait for this name.
    assert_eq!(fail(&store, stranger("ada", &address(99)), now).await, WAIT_1);
    assert_eq!(
        fail(&store, stranger("ada", &address(99)), now + seconds(1)).await,
        Permit::Granted
    );
    assert_eq!(
        fail(&store, stranger("bob", &address(99)), now).await,
        Permit::Granted
    );
}

#[tokio::test]
async fn daily_counters_start_from_zero_the_next_day() {
    let store = store().await;
    for day in 0..3 {
        let now = NOW + seconds(day * DAY);
        for visitor in [stranger("ada", "192.0.2.1"), device("ada")] {
            for _ in 0..5 {
                assert_eq!(
                    fail(&store, visitor.clone(), now).await,
                    Permit::Granted,
                    "day {day}"
                );
            }
            assert_eq!(fail(&store, visitor, now).await, WAIT_1, "day {day}");
        }
    }
}
