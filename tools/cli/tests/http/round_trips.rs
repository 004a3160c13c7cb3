//! The DynamoDB calls of each request: no more than `docs/architecture.md` lists, and only consistent reads.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use gatecrumb_runtime::Host;
use gatecrumb_testkit::{
    dynamodb_proxy::{Call, DynamoDbProxy, Recorder},
    events::named as event,
    fixtures, function, logs,
};
use gatecrumb_web::{Handler, HttpService};
use serde_json::{Value, json};
use tokio::sync::Barrier;

/// The table of the fixtures behind a proxy that records every call. Returns its endpoint and the record.
async fn recorded() -> (String, Recorder) {
    logs::capture();
    let (address, _) = fixtures::dynamodb().await;
    let calls = Recorder::default();
    let proxy = DynamoDbProxy::start(address, calls.clone()).await;
    (proxy.endpoint(), calls)
}

/// The operations that an event causes, sorted by name.
async fn calls_of<H: Handler>(function: &HttpService<H>, calls: &Recorder, event: Value) -> Vec<String> {
    drop(calls.take());
    function::invoke(function, &event).await;
    let calls = calls.take();
    for (operation, request) in &calls {
        let consistent = match operation.as_str() {
            "GetItem" => &request["ConsistentRead"],
            "BatchGetItem" => &request["RequestItems"]["gatecrumb"]["ConsistentRead"],
            _ => continue,
        };
        assert_eq!(consistent, true, "{request}");
    }
    let mut operations: Vec<String> = calls.into_iter().map(|(operation, _)| operation).collect();
    operations.sort();
    operations
}

#[tokio::test]
async fn login_reads_name_and_user_and_puts_the_session() {
    let (endpoint, calls) = recorded().await;
    let login = login::start(function::environment(&endpoint, &[]), Host::lambda())
        .await
        .unwrap();
    // From an unknown device: one write to all three counters, and one that takes it back.
    let wrong = ["BatchGetItem", "GetItem", "TransactWriteItems"];
    assert_eq!(
        calls_of(&login, &calls, event("login/wrong-password")).await,
        wrong
    );
    let new = [
        "BatchGetItem",
        "GetItem",
        "PutItem",
        "TransactWriteItems",
        "UpdateItem",
        "UpdateItem",
        "UpdateItem",
    ];
    assert_eq!(calls_of(&login, &calls, event("login/success")).await, new);
    // From a known device: its own counter, which is then deleted.
    let cookie = fixtures::known_device("login");
    let wrong = calls_of(&login, &calls, with_cookie("login/wrong-password", &cookie)).await;
    assert_eq!(wrong, ["BatchGetItem", "GetItem", "UpdateItem"]);
    let right = calls_of(&login, &calls, with_cookie("login/success", &cookie)).await;
    assert_eq!(
        right,
        ["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"]
    );
    // The same calls for an unknown username: their number does not tell that it is unknown.
    assert_eq!(
        calls_of(&login, &calls, event("login/unknown-user")).await,
        ["BatchGetItem", "GetItem", "TransactWriteItems"]
    );
    for refused in [
        "login/malformed-json",
        "login/foreign-origin",
        "login/cross-site",
        "login/odd-base64",
    ] {
        assert!(
            calls_of(&login, &calls, event(refused)).await.is_empty(),
            "{refused}"
        );
    }
}

/// The proxy holds each call until its round trip is complete. With one more round trip, no response comes.
#[tokio::test]
async fn the_throttle_adds_no_round_trip() {
    logs::capture();
    let (address, _) = fixtures::dynamodb().await;
    // The calls of the first two round trips, and the other calls of the third, from a new and from a known device.
    let next = Arc::new(AtomicUsize::new(0));
    for (cookie, beside_the_session) in [(String::new(), 3), (fixtures::known_device("login"), 1)] {
        let trips = [2, 1, 1 + beside_the_session].map(|calls| Arc::new(Barrier::new(calls)));
        next.store(0, Ordering::SeqCst);
        let calls = Arc::clone(&next);
        let in_trips = move |call: Call| {
            let trip = match calls.fetch_add(1, Ordering::SeqCst) {
                0..2 => &trips[0],
                2 => &trips[1],
                _ => &trips[2],
            };
            let trip = Arc::clone(trip);
            async move {
                trip.wait().await;
                call.pass().await
            }
        };
        let proxy = DynamoDbProxy::start(address, in_trips).await;
        let env = function::environment(&proxy.endpoint(), &[]);
        let login = login::start(env, Host::lambda()).await.unwrap();
        let answer = function::invoke(&login, &with_cookie("login/success", &cookie)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
    }
}

fn with_cookie(name: &str, cookie: &str) -> Value {
    let mut event = event(name);
    event["cookies"] = json!([cookie]);
    event
}

#[tokio::test]
async fn me_reads_user_and_session_at_once_and_never_the_hash() {
    let (endpoint, calls) = recorded().await;
    let me = me::start(function::environment(&endpoint, &[]), Host::lambda())
        .await
        .unwrap();
    assert_eq!(calls_of(&me, &calls, event("me/success")).await, ["BatchGetItem"]);
    function::invoke(&me, &event("me/success")).await;
    let request = calls.take()[0].1["RequestItems"]["gatecrumb"].clone();
    let projection = request["ProjectionExpression"].as_str().unwrap();
    assert!(!projection.contains("password_hash") && !projection.is_empty());
    for refused in ["me/without-cookies", "me/expired-access", "me/broken-access"] {
        assert!(
            calls_of(&me, &calls, event(refused)).await.is_empty(),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn refresh_writes_once_and_reads_the_user_beside_it() {
    let (endpoint, calls) = recorded().await;
    let refresh = refresh::start(function::environment(&endpoint, &[]), Host::lambda())
        .await
        .unwrap();
    assert_eq!(
        calls_of(&refresh, &calls, event("refresh/success")).await,
        ["GetItem", "UpdateItem"]
    );
    assert_eq!(
        calls_of(&refresh, &calls, event("refresh/superseded")).await,
        ["DeleteItem", "GetItem", "UpdateItem"]
    );
    assert!(
        calls_of(&refresh, &calls, event("refresh/without-cookies"))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn logout_writes_once_a_session() {
    let (endpoint, calls) = recorded().await;
    let logout = logout::start(function::environment(&endpoint, &[]), Host::lambda())
        .await
        .unwrap();
    assert_eq!(
        calls_of(&logout, &calls, event("logout/success")).await,
        ["DeleteItem"]
    );
    assert_eq!(
        calls_of(&logout, &calls, event("logout/everywhere")).await,
        ["BatchGetItem", "DeleteItem", "UpdateItem"]
    );
    assert!(
        calls_of(&logout, &calls, event("logout/foreign-origin"))
            .await
            .is_empty()
    );
}
