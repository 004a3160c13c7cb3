//! The throttle's counters in the table: the rule of `gatecrumb_domain::throttle` as DynamoDB keeps it.

mod rule;

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use aws_sdk_dynamodb::Client;
use futures_util::{StreamExt as _, stream};
use gatecrumb_domain::{
    DeviceId, Timestamp,
    throttle::{Limit, Limits, Network, Trio},
};
use gatecrumb_local::DynamoDb;
use gatecrumb_store::{
    Connection, Store,
    throttle::{Attempt, Permit, Visitor},
};

use super::{NOW, store};

const WAIT_1: Permit = Permit::Denied { retry_after: 1 };
const DAY: u64 = 24 * 3600;

fn limits() -> Limits {
    Limits {
        device: Limit::new(5),
        trio: Trio {
            pair: Limit::new(5),
            name: Limit::new(100),
            network: Limit::new(50),
        },
    }
}

fn stranger(name: &str, address: &str) -> Visitor {
    let address: IpAddr = address.parse().unwrap();
    Visitor::stranger(name.to_owned(), Network::of(Some(address)))
}

fn device(id: &str) -> Visitor {
    let id: DeviceId = id.parse().unwrap();
    Visitor::Device(id)
}

/// An attempt whose password is wrong: whether it came as far as the hash.
async fn fail(store: &Store, visitor: Visitor, now: Timestamp) -> Permit {
    store.attempt(limits(), visitor, now).count().await.unwrap()
}

/// One that is granted, and whose password is still being looked at.
async fn begin(store: &Store, visitor: Visitor, now: Timestamp) -> Attempt<'_> {
    let mut attempt = store.attempt(limits(), visitor, now);
    assert_eq!(attempt.count().await.unwrap(), Permit::Granted);
    attempt
}

async fn succeed(store: &Store, visitor: Visitor, now: Timestamp) -> Permit {
    let mut attempt = store.attempt(limits(), visitor, now);
    let permit = attempt.count().await.unwrap();
    if permit == Permit::Granted {
        attempt.succeeded().await.unwrap();
    }
    permit
}

fn address(place: usize) -> String {
    IpAddr::from([192, 0, 2, u8::try_from(place).unwrap()]).to_string()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A table whose rows can be looked at.
struct Table {
    store: Store,
    client: Client,
}

impl Table {
    async fn new() -> Self {
        let address = DynamoDb::in_memory().unwrap().spawn().await.unwrap();
        let config = Connection::local(&format!("http://{address}")).dynamodb();
        let store = Store::new(&config, "test");
        assert!(store.create_table().await.unwrap());
        Self {
            store,
            client: Client::new(&config),
        }
    }

    /// Failures and the last attempt's time of every counter.
    async fn counters(&self) -> BTreeMap<String, (u64, Timestamp)> {
        let scan = self.client.scan().table_name("test").send().await.unwrap();
        let mut counters = BTreeMap::new();
        for item in scan.items() {
            let number = |name: &str| -> u64 { item[name].as_n().unwrap().parse().unwrap() };
            let pk = item["pk"].as_s().unwrap().clone();
            assert!(
                number("expires_at") > number("last_at"),
                "it is swept after its window"
            );
            counters.insert(pk, (number("failures"), Timestamp(number("last_at"))));
        }
        counters
    }
}

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

/// Issue: four refused attempts left two other counters at 4.
#[tokio::test]
async fn an_attempt_that_one_counter_refuses_changes_none() {
    let table = Table::new().await;
    let store = &table.store;
    // The pair waits.
    for _ in 0..5 {
        fail(store, stranger("ada", "192.0.2.1"), NOW).await;
    }
    // Another name waits, at networks that have free failures left …
    for place in 100..120 {
        for _ in 0..5 {
            fail(store, stranger("eve", &address(place)), NOW).await;
        }
    }
    // … and a network, for names that have.
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
async fn nobody_delays_a_known_device_and_its_failures_touch_no_other_counter() {
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
    assert_eq!(table.counters().await, before, "the failures are forgotten");
}

/// Issue: everyone behind a NAT waited 64 s for each sign-in, and a success did not shorten the wait.
#[tokio::test]
async fn behind_a_nat_a_success_leaves_the_wait_as_it_was() {
    let table = Table::new().await;
    let store = &table.store;
    let mut now = NOW;
    for attempt in 0..56 {
        while let Permit::Denied { retry_after } =
            fail(store, stranger(&format!("name{attempt}"), "192.0.2.1"), now).await
        {
            now = now + seconds(u64::from(retry_after));
        }
    }
    let denied = Permit::Denied { retry_after: 64 };
    assert_eq!(fail(store, stranger("neighbour", "192.0.2.1"), now).await, denied);
    now = now + seconds(64);
    let before = table.counters().await["THROTTLE#NETWORK#192.0.2.1"];
    for neighbour in 0..20 {
        let visitor = stranger(&format!("neighbour{neighbour}"), "192.0.2.1");
        assert_eq!(succeed(store, visitor, now).await, Permit::Granted, "{neighbour}");
        assert_eq!(table.counters().await["THROTTLE#NETWORK#192.0.2.1"], before);
    }
}

#[tokio::test]
async fn a_success_gives_back_what_it_added_and_nothing_else() {
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
            assert_eq!(counters[pk].0, 4, "{pk}: a success neither adds nor forgets");
        }
    }
    assert_eq!(fail(store, visitor(), NOW).await, Permit::Granted);
    assert_eq!(fail(store, visitor(), NOW).await, WAIT_1);
}

/// Of attempts under way at once each gives back its own.
#[tokio::test]
async fn successes_and_failures_that_overlap_leave_what_the_failures_alone_would() {
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
    // The second one fails.
    drop(second);
    third.succeeded().await.unwrap();
    let counters = table.counters().await;
    assert!(
        counters.values().all(|(failures, _)| *failures == 4),
        "{counters:?}"
    );
    assert_eq!(fail(store, visitor(), NOW + seconds(1)).await, Permit::Granted);
    // At the limit: one that takes the turn and succeeds leaves the time as it was.
    let before = table.counters().await;
    assert_eq!(succeed(store, visitor(), NOW + seconds(2)).await, Permit::Granted);
    assert_eq!(
        table.counters().await["THROTTLE#PAIR#ada#192.0.2.1"],
        before["THROTTLE#PAIR#ada#192.0.2.1"]
    );
    assert_eq!(succeed(store, visitor(), NOW + seconds(2)).await, Permit::Granted);
}

#[tokio::test]
async fn a_network_cannot_clear_its_counter_by_an_account_of_its_own() {
    let store = store().await;
    for name in 0..50 {
        let victim = format!("victim{name}");
        assert_eq!(
            fail(&store, stranger(&victim, "192.0.2.1"), NOW).await,
            Permit::Granted
        );
        let expected = if name < 49 { Permit::Granted } else { WAIT_1 };
        assert_eq!(
            succeed(&store, stranger("mallory", "192.0.2.1"), NOW).await,
            expected
        );
    }
    assert_eq!(fail(&store, stranger("victim", "192.0.2.1"), NOW).await, WAIT_1);
    // Nor by a device that is known for that account.
    assert_eq!(succeed(&store, device("mallorys"), NOW).await, Permit::Granted);
    assert_eq!(fail(&store, stranger("victim", "192.0.2.1"), NOW).await, WAIT_1);
    // An hour later it starts anew.
    assert_eq!(
        fail(&store, stranger("victim", "192.0.2.1"), NOW + seconds(3600)).await,
        Permit::Granted
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

/// Issue: whether the answer was 401 or 429 depended on who had signed in from there.
#[tokio::test]
async fn who_has_signed_in_from_a_network_changes_no_answer() {
    let tables = [Table::new().await, Table::new().await];
    for _ in 0..3 {
        succeed(&tables[0].store, stranger("ada", "192.0.2.1"), NOW).await;
    }
    let mut now = NOW;
    for attempt in 0..300 {
        let visitor = stranger("ada", &address(attempt % 30));
        let mut answers = Vec::new();
        for table in &tables {
            answers.push(fail(&table.store, visitor.clone(), now).await);
        }
        assert_eq!(answers[0], answers[1], "attempt {attempt}");
        now = now + seconds(7);
    }
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

/// Issue: 64 guesses from one /56 met no limit.
#[tokio::test]
async fn a_network_of_56_bits_is_one_source() {
    let store = store().await;
    let guesses = (0..64).map(|subnet| format!("2001:db8:0:{subnet:x}::1"));
    let mut granted = 0;
    for address in guesses {
        granted += usize::from(fail(&store, stranger("ada", &address), NOW).await == Permit::Granted);
    }
    assert_eq!(granted, 5);
    assert_eq!(
        fail(&store, stranger("ada", "2001:db8:0:100::1"), NOW).await,
        Permit::Granted
    );
}

#[tokio::test]
async fn visitors_without_an_address_are_one_source() {
    let store = store().await;
    let unknown = || Visitor::stranger("ada".to_owned(), Network::of(None));
    for _ in 0..5 {
        assert_eq!(fail(&store, unknown(), NOW).await, Permit::Granted);
    }
    assert_eq!(fail(&store, unknown(), NOW).await, WAIT_1);
}
