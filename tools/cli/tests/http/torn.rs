//! User and hash are two items, which DynamoDB reads one after the other. If the password changes between the two
//! reads, the old one must not open a session of the new epoch, and the new one must not be refused.

use std::sync::atomic::{AtomicU64, Ordering};

use gatecrumb_admin::Admin as _;
use gatecrumb_aws::Connection;
use gatecrumb_domain::{PasswordHash, UserId};
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_runtime::{Host, now};
use gatecrumb_store::Store;
use gatecrumb_testkit::{
    dynamodb_proxy::{DynamoDbProxy, SplitBatches},
    events::named as event,
    fixtures, function, logs,
};
use serde_json::{Value, json};

/// Which of the two items is read first.
const ORDERS: [&str; 2] = ["PASSWORD", "USER"];
const NEW: &str = "another correct horse";

fn user() -> UserId {
    "login".parse().unwrap()
}

fn store(endpoint: &str) -> Store {
    Store::new(&Connection::local(endpoint).dynamodb(), "gatecrumb")
}

/// The table of the fixtures. Returns its endpoint, and one that splits each batch: between the halves, the user
/// `login` gets a new password, `times` in all, the n-th with the hash `hash(n)`.
async fn table(
    first: &'static str,
    times: u64,
    hash: impl Fn(u64) -> PasswordHash + Send + Sync + 'static,
) -> (String, String) {
    logs::capture();
    let (address, writer) = fixtures::dynamodb().await;
    let set = AtomicU64::new(0);
    let between = move || {
        let number = set.fetch_add(1, Ordering::SeqCst) + 1;
        let change = (number <= times).then(|| crate::api::new_password(hash(number)));
        let writer = writer.clone();
        async move {
            if let Some(change) = change {
                assert!(writer.change_user(&user(), &change, now()).await.unwrap());
            }
        }
    };
    let proxy = DynamoDbProxy::start(address, SplitBatches { first, between }).await;
    (format!("http://{address}"), proxy.endpoint())
}

async fn phc(password: &str) -> PasswordHash {
    let hasher = Hasher::start(Cost::default(), 1).await;
    let hash = hasher.hash(Password::presented(password), [1; 16]).await.unwrap();
    hash.expose().to_owned().into()
}

fn sign_in(password: &str) -> Value {
    let mut event = event("login/success");
    event["body"] = json!(json!({ "username": "login", "password": password }).to_string());
    event
}

#[tokio::test]
async fn the_old_password_opens_no_session_under_the_new_epoch_and_the_new_one_does() {
    let new = phc(NEW).await;
    for first in ORDERS {
        for (password, status) in [(fixtures::PASSWORD, 401), (NEW, 200)] {
            let hash = new.clone();
            let (direct, split) = table(first, 1, move |_| hash.clone()).await;
            let login = login::start(function::environment(&split, &[]), Host::lambda())
                .await
                .unwrap();
            let signed_in = function::invoke(&login, &sign_in(password)).await;
            assert_eq!(
                signed_in["statusCode"], status,
                "{first} first, {password}: {signed_in}"
            );
            if status == 200 {
                let mut me = event("me/success");
                let lines = signed_in["cookies"].as_array().unwrap().iter();
                let pairs = lines.map(|line| line.as_str().unwrap().split(';').next().unwrap());
                me["cookies"] = pairs.collect();
                let reader = me::start(function::environment(&direct, &[]), Host::lambda())
                    .await
                    .unwrap();
                let asked = function::invoke(&reader, &me).await;
                assert_eq!(asked["statusCode"], 200, "{first} first: {asked}");
            }
        }
    }
}

/// The n-th password belongs to the n-th epoch. A reader gets both of the same n, whenever the writes happen.
#[tokio::test]
async fn a_hash_comes_with_the_epoch_of_its_own_password_and_no_other() {
    for first in ORDERS {
        for times in 0..=4 {
            let (_, split) = table(first, times, |number| format!("hash {number}").into()).await;
            let found = store(&split).credentials(&user()).await.unwrap().unwrap();
            let expected = format!("hash {}", found.user.session_epoch);
            assert_eq!(found.user.session_epoch, times, "{first} first");
            assert!(
                times == 0 || found.password_hash.expose() == expected,
                "{first} first, {times}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_concurrent_with_constant_writes_see_no_hash_with_another_epoch() {
    for first in ORDERS {
        let (direct, split) = table(first, 0, |_| unreachable!()).await;
        let writer = tokio::spawn(async move {
            let writer = store(&direct);
            for number in 1..=60_u64 {
                let change = crate::api::new_password(format!("hash {number}").into());
                assert!(writer.change_user(&user(), &change, now()).await.unwrap());
            }
        });
        let reader = store(&split);
        let mut last = 0;
        while last < 60 {
            // After five changed reads the response is 503, never an incorrect one.
            if let Ok(found) = reader.credentials(&user()).await {
                let found = found.unwrap();
                last = found.user.session_epoch;
                let hash = found.password_hash.expose();
                assert!(
                    last == 0 || hash == format!("hash {last}"),
                    "{hash} under epoch {last}"
                );
            }
        }
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn a_password_that_changes_all_the_time_is_unavailable_and_never_wrong() {
    let new = phc(NEW).await;
    for first in ORDERS {
        let hash = new.clone();
        let (_, split) = table(first, u64::MAX, move |_| hash.clone()).await;
        let login = login::start(function::environment(&split, &[]), Host::lambda())
            .await
            .unwrap();
        let answer = function::invoke(&login, &sign_in(NEW)).await;
        assert_eq!(answer["statusCode"], 503, "{first} first: {answer}");
        assert_eq!(login.handler().hasher().runs(), 0);
    }
}
