//! Runs a real binary with its events.

use std::{collections::BTreeSet, fs, path::Path};

use gatecrumb_aws::Connection;
use gatecrumb_local::{DynamoDb, fixtures};
use gatecrumb_store::Store;
use serde_json::{Value, json};

use super::{Case, Stored, all, folder, names, normalized, update};
use crate::{
    fixtures::{PASSWORD, WRONG_PASSWORD, variables},
    logs,
    runtime_api::Process,
};

/// The URL of a DynamoDB to use instead of the embedded one (`GATECRUMB_TEST_DYNAMODB_URL`).
#[expect(
    clippy::disallowed_methods,
    reason = "how a developer chooses the server under test"
)]
fn elsewhere() -> Option<String> {
    std::env::var("GATECRUMB_TEST_DYNAMODB_URL").ok()
}

/// Checks that the folder of a function holds exactly these cases and that its real binary gives the stored responses.
pub async fn check(function: &str, binary: &str, cases: &[Case]) {
    let endpoint = match elsewhere() {
        Some(url) => url,
        None => format!("http://{}", DynamoDb::in_memory().unwrap().spawn().await.unwrap()),
    };
    let store = Store::new(&Connection::local(&endpoint).dynamodb(), "gatecrumb");
    let mut process = Process::start(binary, &variables(&endpoint)).await;
    let mut files = BTreeSet::new();
    for case in cases {
        let stored = Stored {
            function: function.to_owned(),
            case: case.name.to_owned(),
        };
        fixtures::load(&store).await.unwrap();
        let event = case.event(function);
        compare(&stored.file(), &stored.event(), &event);
        let answer = normalized(process.invoke(&event).await);
        compare(&stored.answer_file(), &stored.answer(), &answer);
        files.extend([
            format!("{}.json", case.name),
            format!("{}.answer.json", case.name),
        ]);
    }
    check_folder(function, &files);
    assert!(cases.len() >= 2, "events of {function} were found");
    let log = process.killed().await;
    assert!(log.lines().count() >= cases.len(), "each request is logged");
    assert_secrets_are_absent(&log);
}

/// Checks that the folder of a function holds exactly these files.
pub fn check_folder(function: &str, files: &BTreeSet<String>) {
    let found: BTreeSet<String> = names(&folder().join(function)).into_iter().collect();
    assert_eq!(
        &found, files,
        "events/{function}/ holds the files of the cases and no others"
    );
}

/// Panics unless the file has this value, or writes it there if [`update`] says so.
pub fn compare(file: &Path, found: &Value, expected: &Value) {
    let text = serde_json::to_string_pretty(expected).unwrap() + "\n";
    if update() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    } else {
        // Values are compared, not the layout of the file.
        assert!(found == expected, "{} does not hold:\n{text}", file.display());
    }
}

fn assert_secrets_are_absent(log: &str) {
    logs::never_log(PASSWORD);
    logs::never_log(WRONG_PASSWORD);
    for stored in all() {
        for cookie in stored.event()["cookies"].as_array().into_iter().flatten() {
            let value = cookie.as_str().unwrap().split_once('=').unwrap().1;
            logs::never_log(value);
            logs::never_log(value.rsplit('.').next().unwrap());
        }
    }
    logs::assert_clean(log);
}

/// Sends a function's real binary events of other services. Each must get a response, and no invocation may fail.
pub async fn check_foreign(binary: &str) {
    let mut process = Process::start(binary, &variables("http://127.0.0.1:9")).await;
    let events = [
        (json!({}), 204),
        (json!(null), 204),
        (json!({ "source": "serverless-plugin-warmup" }), 204),
        (
            json!({ "version": "1.0", "httpMethod": "GET", "resource": "/" }),
            500,
        ),
        (
            json!({ "requestContext": { "elb": {} }, "httpMethod": "GET" }),
            500,
        ),
        (json!({ "requestContext": { "connectionId": "a" } }), 500),
        (
            json!({ "Records": [{ "eventSource": "aws:sqs", "body": "a body" }] }),
            500,
        ),
        (json!([1]), 500),
        (json!("a body"), 500),
    ];
    for (event, status) in &events {
        let answer = process.invoke(event).await;
        assert_eq!(answer["statusCode"], *status, "{event}");
    }
    let log = process.killed().await;
    let told = log.lines().filter(|line| line.contains("payload format 2.0"));
    assert_eq!(told.count(), events.len(), "{log}");
    assert!(!log.contains("a body"), "{log}");
}
