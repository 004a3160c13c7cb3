//! A first start that is killed between any two of its steps: the next start completes it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use gatecrumb::{
    dynamodb,
    serve::{Options, Server},
};
use gatecrumb_local::DynamoDb;
use gatecrumb_testkit::{http::Browser, logs};
use serde_json::json;

use crate::api::{PASSWORD, credentials, options, settings};

/// The steps in order. Each returns when its write is on the disk, or half of it.
const STEPS: [(&str, Step); 17] = [
    ("nothing", |_| {}),
    ("the directory", |state| fs::create_dir(state).unwrap()),
    (".gitignore, empty", |state| {
        fs::write(state.join(".gitignore"), "").unwrap();
    }),
    (".gitignore", |state| {
        fs::write(state.join(".gitignore"), "*\n").unwrap();
    }),
    ("lock", |state| fs::write(state.join("lock"), "").unwrap()),
    ("first-start", |state| {
        fs::write(state.join("first-start"), "").unwrap();
    }),
    ("an empty table file", |state| {
        File::create(state.join("dynamodb.sqlite")).unwrap();
    }),
    ("an engine", |state| {
        drop(DynamoDb::in_file(&state.join("dynamodb.sqlite")).unwrap());
    }),
    ("write-lock", |state| {
        fs::write(state.join("write-lock"), "").unwrap();
    }),
    ("half of device-keys.new", |state| half(state, "device-keys")),
    ("device-keys.json", |state| {
        whole(
            state,
            "device-keys.json",
            "{\"1\":\"0123456789abcdef0123456789abcdef\"}",
        );
    }),
    ("half of issuer.new", |state| half(state, "issuer")),
    ("issuer", |state| whole(state, "issuer", "gatecrumb-local-test")),
    ("half of signing-keys.new", |state| half(state, "signing-keys")),
    ("the table without TTL", |_| {}),
    ("half of dynamodb-endpoint.new", |state| {
        half(state, "dynamodb-endpoint");
    }),
    ("an endpoint that nobody serves", |state| {
        whole(state, "dynamodb-endpoint", "{\"url\":\"http://127.0.0.1:1\"}");
    }),
];

type Step = fn(&Path);

fn half(state: &Path, name: &str) {
    fs::write(state.join(name).with_extension("new"), "{\"").unwrap();
}

/// Renamed from its `.new`.
fn whole(state: &Path, name: &str, text: &str) {
    let _ = fs::remove_file(state.join(name).with_extension("new"));
    fs::write(state.join(name), text).unwrap();
}

/// The request to the raw DynamoDB of a server.
async fn raw(base: &str, operation: &str, body: serde_json::Value) -> serde_json::Value {
    let target = format!("DynamoDB_20120810.{operation}");
    let mut raw = Browser::new(base).with_header("x-amz-target", &target);
    let answer = raw
        .post("/", "application/x-amz-json-1.0", body.to_string())
        .await;
    assert_eq!(answer.outcome(), "200", "{operation}");
    answer.json()
}

async fn create_table_without_ttl(state: &Path) {
    let database = DynamoDb::in_file(&state.join("dynamodb.sqlite")).unwrap();
    let base = format!("http://{}", database.spawn().await.unwrap());
    let key = |name, kind| json!({ "AttributeName": name, "KeyType": kind });
    let attribute = |name| json!({ "AttributeName": name, "AttributeType": "S" });
    let table = json!({
        "TableName": "gatecrumb",
        "AttributeDefinitions": [attribute("pk"), attribute("sk")],
        "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
        "BillingMode": "PAY_PER_REQUEST",
    });
    raw(&base, "CreateTable", table).await;
}

fn keeping(state: &Path) -> Options {
    Options {
        dynamodb: dynamodb::Options {
            memory: false,
            fixtures: false,
            state: Some(state.to_owned()),
            ..options().dynamodb
        },
        ..options()
    }
}

/// Starts a server, and checks that it is complete.
async fn complete(state: &Path, case: &str) {
    let kept = |name: &str| fs::read_to_string(state.join(name)).ok();
    let (issuer, keys) = (kept("issuer"), kept("device-keys.json"));
    let server = Server::start(&keeping(state), settings(&[]))
        .await
        .unwrap_or_else(|failure| panic!("{case}: {failure}"));
    let mut browser = Browser::new(&format!("http://{}", server.address));
    let login = browser
        .post_json("/auth/login", &credentials("demo", PASSWORD))
        .await;
    assert_eq!(login.outcome(), "200", "{case}");
    assert_eq!(
        browser.post("/auth/refresh", "", "").await.outcome(),
        "200",
        "{case}"
    );
    let base = format!("http://{}", server.dynamodb);
    let ttl = raw(&base, "DescribeTimeToLive", json!({ "TableName": "gatecrumb" })).await;
    assert_eq!(
        ttl["TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED",
        "{case}"
    );
    server.stop().await.unwrap();
    let names = names(state);
    for left in ["first-start", "dynamodb-endpoint"] {
        assert!(!names.contains(&left.to_owned()), "{case}: {names:?}");
    }
    assert!(
        !names.iter().any(|name| name.contains(".new")),
        "{case}: {names:?}"
    );
    let ignored = fs::read_to_string(state.join(".gitignore")).unwrap();
    assert_eq!(ignored, "*\n", "{case}");
    // What was complete before stays.
    for (name, before) in [("issuer", issuer), ("device-keys.json", keys)] {
        assert!(before.is_none() || before == kept(name), "{case}: {name}");
    }
}

fn names(state: &Path) -> Vec<String> {
    let entries = fs::read_dir(state).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_killed_between_any_two_steps_is_completed_by_the_next() {
    logs::capture();
    let base = std::env::temp_dir().join(format!("gatecrumb-first-start-{}", std::process::id()));
    fs::create_dir(&base).unwrap();
    for last in 0..STEPS.len() {
        let state: PathBuf = base.join(format!("{last}"));
        let (case, _) = STEPS[last];
        for (name, step) in &STEPS[..=last] {
            step(&state);
            if *name == "the table without TTL" {
                create_table_without_ttl(&state).await;
            }
        }
        complete(&state, case).await;
        // The demo user exists, but the mark of the first start is still there.
        fs::write(state.join("first-start"), "").unwrap();
        complete(&state, &format!("{case}, and again")).await;
        // Every file that a start leaves is the result of a step above.
        for name in names(&state) {
            let known = STEPS.iter().any(|(step, _)| step.contains(&name))
                || name.starts_with("dynamodb.sqlite")
                || name == "signing-keys.json";
            assert!(known, "{name}");
        }
    }
    fs::remove_dir_all(base).unwrap();
}
