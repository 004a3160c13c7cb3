//! What happens between two steps of one request, and how many hashes each sign-in costs.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_aws::Connection;
use gatecrumb_domain::{PasswordHash, UserId};
use gatecrumb_local::{DynamoDb, fixtures};
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_store::Store;
use gatecrumb_testkit::{
    events, function,
    interposer::{Hook, interpose},
    logs,
};
use gatecrumb_web::{Host, clock::now};
use login::Login;
use me::Me;
use refresh::Refresh;
use serde_json::{Value, json};

fn event(name: &str) -> Value {
    events::all()
        .into_iter()
        .find(|(found, _)| found == name)
        .unwrap()
        .1
}

/// The fixtures' world, reached past the interposer by `store` and through it by the function under test.
struct World {
    store: Store,
    direct: String,
    interposed: String,
}

/// `change` happens to the user `login` once, just before the first call of `operation` goes on.
async fn world(operation: &'static str, marker: &'static str, change: Change) -> World {
    logs::capture();
    let address = DynamoDb::in_memory().unwrap().spawn().await.unwrap();
    let direct = format!("http://{address}");
    let store = Store::new(&Connection::local(&direct).dynamodb(), "gatecrumb");
    fixtures::load(&store).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let hook: Hook = {
        let store = store.clone();
        Arc::new(move |called, body| {
            let (store, change, done) = (store.clone(), change.clone(), Arc::clone(&done));
            Box::pin(async move {
                if called == operation && body.contains(marker) && !done.swap(true, Ordering::SeqCst) {
                    let user: UserId = "login".parse().unwrap();
                    assert!(store.change_user(&user, &change, now()).await.unwrap());
                }
            })
        })
    };
    let interposed = format!("http://{}", interpose(address, hook).await);
    World {
        store,
        direct,
        interposed,
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
        let world = world("PutItem", "SESSION#", change.clone()).await;
        let env = || function::environment(&world.direct, &[]);
        let login = Arc::new(
            Login::start(function::environment(&world.interposed, &[]), Host::lambda())
                .await
                .unwrap(),
        );
        let signed_in = function::invoke(&login, &event("login")).await;
        assert_eq!(
            signed_in["statusCode"], 200,
            "the password was right when it was looked at"
        );

        let mut me = event("me");
        me["cookies"] = json!(cookies(&signed_in));
        let asked = function::invoke(&Arc::new(Me::start(env(), Host::lambda()).await.unwrap()), &me).await;
        assert!(
            asked["statusCode"] == 401 || asked["statusCode"] == 403,
            "{change:?}: {asked}"
        );
        let mut refresh = event("refresh");
        refresh["cookies"] = json!(cookies(&signed_in));
        let refreshed = function::invoke(
            &Arc::new(Refresh::start(env(), Host::lambda()).await.unwrap()),
            &refresh,
        )
        .await;
        assert_eq!(refreshed["body"]["code"], "session_ended", "{change:?}");
    }
}

#[tokio::test]
async fn a_rehash_under_way_does_not_undo_a_new_password() {
    let new = phc("another password").await;
    let world = world(
        "UpdateItem",
        "password_hash",
        crate::api::new_password(new.clone()),
    )
    .await;
    let costlier = [("PASSWORD_ITERATIONS", "3")];
    let login = Arc::new(
        Login::start(
            function::environment(&world.interposed, &costlier),
            Host::lambda(),
        )
        .await
        .unwrap(),
    );
    assert_eq!(function::invoke(&login, &event("login")).await["statusCode"], 200);
    assert_eq!(login.hasher().runs(), 2, "verified, and hashed again");
    let user: UserId = "login".parse().unwrap();
    assert_eq!(
        world
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
    let address = DynamoDb::in_memory().unwrap().spawn().await.unwrap();
    let endpoint = format!("http://{address}");
    fixtures::load(&Store::new(&Connection::local(&endpoint).dynamodb(), "gatecrumb"))
        .await
        .unwrap();
    let login = Arc::new(
        Login::start(function::environment(&endpoint, &[]), Host::lambda())
            .await
            .unwrap(),
    );
    let mut impossible = event("login-unknown-user");
    impossible["body"] = json!(r#"{"username":"no body","password":"x"}"#);
    for (name, event) in [
        ("unknown", event("login-unknown-user")),
        ("impossible name", impossible),
        ("disabled", event("login-disabled-user")),
        ("wrong", event("login-wrong-password")),
        ("right", event("login")),
    ] {
        let before = login.hasher().runs();
        function::invoke(&login, &event).await;
        assert_eq!(login.hasher().runs() - before, 1, "{name}");
    }
}
