//! How long the next attempt waits, one after the other and at once.

use futures_util::{StreamExt as _, stream};
use gatecrumb_store::throttle::Permit;

use super::{DAY, WAIT_1, address, device, fail, seconds, store, stranger};
use crate::NOW;

#[tokio::test]
async fn five_are_free_and_then_the_wait_doubles() {
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
            // The one who waited as told is let in, and no refused attempt in between made it longer.
            assert_eq!(fail(&store, visitor.clone(), now).await, Permit::Granted);
        }
        assert_eq!(fail(&store, other, now).await, Permit::Granted);
    }
    // Nor does this network wait for other names.
    assert_eq!(
        fail(&store, stranger("eve", "192.0.2.1"), NOW).await,
        Permit::Granted
    );
}

#[tokio::test]
async fn a_thousand_at_once_get_no_further_than_in_a_row() {
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
async fn of_those_who_come_when_the_wait_has_passed_one_goes_on() {
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
async fn from_many_networks_at_once_no_more_are_let_through_than_in_a_row() {
    let store = store().await;
    let attempts = (0..200).map(|place| fail(&store, stranger("ada", &address(place)), NOW));
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
async fn a_name_waits_only_after_many_failures_from_many_networks() {
    let store = store().await;
    // One network alone: its own wait grows, but the name's counter takes five of it.
    let mut now = NOW;
    for _ in 0..20 {
        fail(&store, stranger("ada", "192.0.2.0"), now).await;
        now = now + seconds(900);
    }
    for place in 1..20 {
        for _ in 0..5 {
            assert_eq!(
                fail(&store, stranger("ada", &address(place)), now).await,
                Permit::Granted
            );
        }
    }
    // A hundred: from here on a network waits, whoever has signed in from there.
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
async fn a_day_later_counters_of_a_day_start_anew() {
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
