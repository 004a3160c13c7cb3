use std::{net::IpAddr, time::Duration};

use futures_util::{StreamExt as _, stream};
use gatecrumb_store::{
    Store,
    throttle::{Attempt, Limit, Limits, Turn},
};
use gatecrumb_tokens::Timestamp;

use super::{NOW, store};

fn limits() -> Limits {
    Limits {
        pair: Limit::new(5),
        account: Limit::new(100),
        address: Limit::new(50),
    }
}

fn attempt<'a>(store: &'a Store, name: &str, address: &str, now: Timestamp) -> Attempt<'a> {
    let address = Some(address.parse().unwrap());
    store.attempt(limits(), name.to_owned(), address, now)
}

/// An attempt whose password is wrong: whether it came as far as the hash.
async fn fail(store: &Store, name: &str, address: &str, now: Timestamp) -> Turn {
    let mut attempt = attempt(store, name, address, now);
    match attempt.count_pair().await.unwrap() {
        Turn::Go => attempt.count_rest().await.unwrap(),
        wait @ Turn::Wait(_) => wait,
    }
}

async fn succeed(store: &Store, name: &str, address: &str, now: Timestamp) -> Turn {
    let mut attempt = attempt(store, name, address, now);
    for turn in [
        attempt.count_pair().await.unwrap(),
        attempt.count_rest().await.unwrap(),
    ] {
        if turn != Turn::Go {
            return turn;
        }
    }
    attempt.succeeded().await.unwrap();
    Turn::Go
}

fn address(place: usize) -> String {
    IpAddr::from([192, 0, 2, u8::try_from(place).unwrap()]).to_string()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn five_are_free_and_then_the_wait_doubles() {
    let store = store().await;
    let mut now = NOW;
    for _ in 0..5 {
        assert_eq!(fail(&store, "ada", "192.0.2.1", now).await, Turn::Go);
    }
    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
        assert_eq!(fail(&store, "ada", "192.0.2.1", now).await, Turn::Wait(wait));
        now = now + seconds(u64::from(wait) - 1);
        assert_eq!(fail(&store, "ada", "192.0.2.1", now).await, Turn::Wait(1));
        now = now + seconds(1);
        // The one who waited as told is let in, and no refused attempt in between made it longer.
        assert_eq!(fail(&store, "ada", "192.0.2.1", now).await, Turn::Go);
    }
    // Nobody else waits for it, nor does this place for other names.
    assert_eq!(fail(&store, "ada", "192.0.2.2", now).await, Turn::Go);
    assert_eq!(fail(&store, "eve", "192.0.2.1", now).await, Turn::Go);
}

#[tokio::test]
async fn a_thousand_at_once_get_no_further_than_in_a_row() {
    let store = store().await;
    let attempts = (0..1000).map(|_| fail(&store, "ada", "192.0.2.1", NOW));
    let turns: Vec<Turn> = stream::iter(attempts).buffer_unordered(50).collect().await;
    assert_eq!(turns.iter().filter(|turn| **turn == Turn::Go).count(), 5);
    assert_eq!(turns.iter().filter(|turn| **turn == Turn::Wait(1)).count(), 995);
}

#[tokio::test]
async fn of_those_who_come_when_the_wait_has_passed_one_goes_on() {
    let store = store().await;
    for _ in 0..5 {
        assert_eq!(fail(&store, "ada", "192.0.2.1", NOW).await, Turn::Go);
    }
    let now = NOW + seconds(1);
    let attempts = (0..200).map(|_| fail(&store, "ada", "192.0.2.1", now));
    let turns: Vec<Turn> = stream::iter(attempts).buffer_unordered(50).collect().await;
    assert_eq!(turns.iter().filter(|turn| **turn == Turn::Go).count(), 1);
    assert_eq!(turns.iter().filter(|turn| **turn == Turn::Wait(2)).count(), 199);
}

#[tokio::test]
async fn a_known_place_adds_nothing_to_the_counter_of_the_name() {
    let store = store().await;
    let known = "198.51.100.1";
    assert_eq!(succeed(&store, "ada", known, NOW).await, Turn::Go);
    for _ in 0..5 {
        assert_eq!(fail(&store, "ada", known, NOW).await, Turn::Go);
    }
    assert_eq!(fail(&store, "ada", known, NOW).await, Turn::Wait(1));
    // All of the name's hundred are left for the places of others.
    for place in 0..20 {
        for _ in 0..5 {
            assert_eq!(fail(&store, "ada", &address(place), NOW).await, Turn::Go);
        }
    }
    assert_eq!(fail(&store, "ada", &address(20), NOW).await, Turn::Wait(1));
}

#[tokio::test]
async fn success_forgets_the_failures_of_that_name_at_that_place() {
    let store = store().await;
    for round in 0..30 {
        for _ in 0..4 {
            assert_eq!(
                fail(&store, "ada", "192.0.2.1", NOW).await,
                Turn::Go,
                "round {round}"
            );
        }
        if round % 12 == 11 {
            // The place's own counter remembers the failures, so it is this test that moves on.
            break;
        }
        assert_eq!(
            succeed(&store, "ada", "192.0.2.1", NOW).await,
            Turn::Go,
            "round {round}"
        );
    }
}

#[tokio::test]
async fn a_place_cannot_clear_its_name_by_an_account_of_its_own() {
    let store = store().await;
    for name in 0..50 {
        let victim = format!("victim{name}");
        assert_eq!(
            fail(&store, &victim, "192.0.2.1", NOW).await,
            Turn::Go,
            "{victim}"
        );
        let expected = if name < 49 { Turn::Go } else { Turn::Wait(1) };
        assert_eq!(
            succeed(&store, "mallory", "192.0.2.1", NOW).await,
            expected,
            "{victim}"
        );
    }
    assert_eq!(fail(&store, "victim", "192.0.2.1", NOW).await, Turn::Wait(1));
    // An hour later it starts anew.
    assert_eq!(
        fail(&store, "victim", "192.0.2.1", NOW + seconds(3600)).await,
        Turn::Go
    );
}

#[tokio::test]
async fn a_name_waits_only_after_many_failures_from_many_places_and_not_for_its_owner() {
    let store = store().await;
    assert_eq!(succeed(&store, "ada", "198.51.100.1", NOW).await, Turn::Go);
    // One place alone: its own wait grows, but the name's counter takes five of it.
    let mut now = NOW;
    for _ in 0..20 {
        fail(&store, "ada", "192.0.2.0", now).await;
        now = now + seconds(900);
    }
    for place in 1..20 {
        for _ in 0..5 {
            assert_eq!(
                fail(&store, "ada", &address(place), now).await,
                Turn::Go,
                "place {place}"
            );
        }
    }
    // A hundred: from here on a new place waits …
    assert_eq!(fail(&store, "ada", &address(99), now).await, Turn::Wait(1));
    // … and the owner, whose place is known, doesn't. Nor does the failing of others keep them from it.
    assert_eq!(succeed(&store, "ada", "198.51.100.1", now).await, Turn::Go);
    assert_eq!(fail(&store, "ada", &address(98), now).await, Turn::Wait(1));
    // A place is not known for ever.
    assert_eq!(
        fail(&store, "ada", &address(97), now + seconds(1)).await,
        Turn::Go
    );
    // Nobody else's name waits.
    assert_eq!(fail(&store, "bob", &address(99), now).await, Turn::Go);
}

#[tokio::test]
async fn a_place_stays_known_through_failures_and_days_until_it_is_not() {
    const DAY: u64 = 24 * 3600;
    let store = store().await;
    let known = "198.51.100.1";
    assert_eq!(succeed(&store, "ada", known, NOW).await, Turn::Go);
    for (days, expected) in [(0, Turn::Go), (1, Turn::Go), (29, Turn::Go), (31, Turn::Wait(1))] {
        let now = NOW + seconds(days * DAY);
        // A hundred failures of others: the name waits, a place that is known does not.
        for place in 0..20 {
            for _ in 0..5 {
                assert_eq!(
                    fail(&store, "ada", &address(place), now).await,
                    Turn::Go,
                    "day {days}"
                );
            }
        }
        assert_eq!(fail(&store, "ada", known, now).await, expected, "day {days}");
    }
}

#[tokio::test]
async fn a_day_later_a_name_at_a_place_starts_anew() {
    const DAY: u64 = 24 * 3600;
    let store = store().await;
    for day in 0..3 {
        let now = NOW + seconds(day * DAY);
        for _ in 0..5 {
            assert_eq!(fail(&store, "ada", "192.0.2.1", now).await, Turn::Go, "day {day}");
        }
        assert_eq!(
            fail(&store, "ada", "192.0.2.1", now).await,
            Turn::Wait(1),
            "day {day}"
        );
    }
}

#[tokio::test]
async fn from_many_places_at_once_no_more_are_let_through_than_in_a_row() {
    let store = store().await;
    let attempts = (0..200).map(|place| {
        let store = &store;
        async move { fail(store, "ada", &address(place), NOW).await }
    });
    let turns: Vec<Turn> = stream::iter(attempts).buffer_unordered(50).collect().await;
    assert_eq!(turns.iter().filter(|turn| **turn == Turn::Go).count(), 100);
}

#[tokio::test]
async fn a_network_of_64_bits_is_one_place() {
    let store = store().await;
    for host in 0..5 {
        let address = format!("2001:db8::{host}");
        assert_eq!(fail(&store, "ada", &address, NOW).await, Turn::Go);
    }
    assert_eq!(
        fail(&store, "ada", "2001:db8::ffff:0:0:1", NOW).await,
        Turn::Wait(1)
    );
    assert_eq!(fail(&store, "ada", "2001:db8:0:1::1", NOW).await, Turn::Go);
}
