//! What happens between two steps of one request, and how many hashes each sign-in costs.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_domain::{PasswordHash, UserId};
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_runtime::{Host, now};
use gatecrumb_store::Store;
use gatecrumb_testkit::{
    dynamodb_proxy::{Call, DynamoDbProxy},
    events::named as event,
    fixtures, function, logs,
};
use serde_json::{Value, json};

/// The fixtures' table, reached past the proxy by `store` and through it by the function under test.
struct Table {
    store: Store,
    direct: String,
    proxied: String,
}

/// `change` happens to the user `login` once, just before the first call of `operation` goes on.
async fn table(operation: &'static str, marker: &'static str, change: Change) -> Table {
    logs::capture();
    let (address, store) = fixtures::dynamodb().await;
    let done = Arc::new(AtomicBool::new(false));
    let writer = store.clone();
    let changing = move |call: Call| {
        let (writer, change, done) = (writer.clone(), change.clone(), Arc::clone(&done));
        async move {
            let is_it = call.operation == operation && call.request().to_string().contains(marker);
            if is_it && !done.swap(true, Ordering::SeqCst) {
                let user: UserId = "login".parse().unwrap();
                assert!(writer.change_user(&user, &change, now()).await.unwrap());
            }
            call.pass().await
        }
    };
    let proxy = DynamoDbProxy::start(address, changing).await;
    Table {
        store,
        direct: format!("http://{address}"),
        proxied: proxy.endpoint(),
    }
}

async fn phc(password: &str) -> PasswordHash {
    let hash = Hasher::start(Cost::default(), 1)
        .await
        .hash(Password::presented(password), [1; 16])
        .await
        .unwrap();
    hash.expose().to_owned().into()
}

/// Name and value of each cookie that an answer sets.
fn cookies(answer: &Value) -> Vec<String> {
    let lines = answer["cookies"].as_array().unwrap().iter();
    lines
        .map(|line| line.as_str().unwrap().split(';').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_outlive_a_new_password_or_the_account() {
    for change in [
        Change::Disable,
        crate::api::new_password(phc("another password").await),
        Change::EndSessions,
    ] {
        let table = table("PutItem", "SESSION#", change.clone()).await;
        let env = || function::environment(&table.direct, &[]);
        let login = login::start(function::environment(&table.proxied, &[]), Host::lambda())
            .await
            .unwrap();
        let signed_in = function::invoke(&login, &event("login/success")).await;
        assert_eq!(
            signed_in["statusCode"], 200,
            "the password was right when it was looked at"
        );

        let mut me = event("me/success");
        me["cookies"] = json!(cookies(&signed_in));
        let asked = function::invoke(&me::start(env(), Host::lambda()).await.unwrap(), &me).await;
        assert!(
            asked["statusCode"] == 401 || asked["statusCode"] == 403,
            "{change:?}: {asked}"
        );
        let mut refresh = event("refresh/success");
        refresh["cookies"] = json!(cookies(&signed_in));
        let refreshed =
            function::invoke(&refresh::start(env(), Host::lambda()).await.unwrap(), &refresh).await;
        assert_eq!(refreshed["body"]["code"], "session_ended", "{change:?}");
    }
}

#[tokio::test]
async fn a_rehash_under_way_does_not_undo_a_new_password() {
    let new = phc("another password").await;
    let table = table(
        "UpdateItem",
        "password_hash",
        crate::api::new_password(new.clone()),
    )
    .await;
    let costlier = [("PASSWORD_ITERATIONS", "3")];
    let login = login::start(function::environment(&table.proxied, &costlier), Host::lambda())
        .await
        .unwrap();
    assert_eq!(
        function::invoke(&login, &event("login/success")).await["statusCode"],
        200
    );
    assert_eq!(login.handler().hasher().runs(), 2, "verified, and hashed again");
    let user: UserId = "login".parse().unwrap();
    assert_eq!(
        table
            .store
            .credentials(&user)
            .await
            .unwrap()
            .unwrap()
            .password_hash,
        new
    );
}

#[tokio::test]
async fn unknown_user_disabled_user_and_wrong_password_cost_one_hash_each() {
    logs::capture();
    let (address, _) = fixtures::dynamodb().await;
    let endpoint = format!("http://{address}");
    let login = login::start(function::environment(&endpoint, &[]), Host::lambda())
        .await
        .unwrap();
    let mut impossible = event("login/unknown-user");
    impossible["body"] = json!(r#"{"username":"no body","password":"x"}"#);
    for (name, event) in [
        ("unknown", event("login/unknown-user")),
        ("impossible name", impossible),
        ("disabled", event("login/disabled-user")),
        ("wrong", event("login/wrong-password")),
        ("right", event("login/success")),
    ] {
        let before = login.handler().hasher().runs();
        function::invoke(&login, &event).await;
        assert_eq!(login.handler().hasher().runs() - before, 1, "{name}");
    }
}
