//! Networks and what their visitors share.

use gatecrumb_domain::throttle::Network;
use gatecrumb_store::counters::{Permit, Visitor};

use super::{Table, WAIT_1, device, fail, seconds, store, stranger, succeed};
use crate::NOW;

/// Issue: everyone behind a NAT had to wait 64 s for each sign-in.
#[tokio::test]
async fn behind_a_nat_a_success_does_not_extend_the_wait() {
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
async fn a_network_cannot_reset_its_counter_with_an_account_of_its_own() {
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
    // Nor with a known device of that account.
    assert_eq!(succeed(&store, device("mallorys"), NOW).await, Permit::Granted);
    assert_eq!(fail(&store, stranger("victim", "192.0.2.1"), NOW).await, WAIT_1);
    // An hour later the counter starts from zero.
    assert_eq!(
        fail(&store, stranger("victim", "192.0.2.1"), NOW + seconds(3600)).await,
        Permit::Granted
    );
}

/// Issue: 64 guesses from one /56 were not limited.
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
