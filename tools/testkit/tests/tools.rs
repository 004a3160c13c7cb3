//! The files in `events/` through the tools that people invoke functions with. They need a build, Docker and a
//! DynamoDB, so `.ci/sam` runs them.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

use std::process::Command;

use gatecrumb_aws::Connection;
use gatecrumb_store::Store;
use gatecrumb_testkit::{events, fixtures, template::logical_name};
use serde_json::Value;

/// Invokes each function with each of its events by the command that `tool` returns, and compares the responses.
async fn check(tool: impl Fn(&str, &str) -> Command) {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the functions that the tool runs have theirs"
    )]
    let dynamodb = std::env::var("GATECRUMB_TEST_DYNAMODB_URL").unwrap();
    let store = Store::new(&Connection::local(&dynamodb).dynamodb(), "gatecrumb");
    for stored in events::all() {
        fixtures::load(&store).await.unwrap();
        let mut command = tool(&stored.function, &format!("events/{stored}.json"));
        let output = command
            .current_dir(events::folder().parent().unwrap())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let answer = text
            .lines()
            .rev()
            .find_map(|line| serde_json::from_str::<Value>(line).ok());
        let Some(answer) = answer else {
            panic!(
                "{stored}: no answer: {text}{}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        assert_eq!(events::normalized(answer), stored.answer(), "{stored}");
    }
}

#[tokio::test]
#[ignore = "needs sam build, Docker and `gatecrumb dynamodb`: .ci/sam runs it"]
async fn sam_local_invoke() {
    check(|function, event| {
        let id = format!("{}Function", logical_name(function));
        let mut command = Command::new("sam");
        command.args(["local", "invoke", &id, "--event", event]);
        command
    })
    .await;
}

#[tokio::test]
#[ignore = "needs `cargo lambda watch` and `gatecrumb dynamodb`: .ci/sam runs it"]
async fn cargo_lambda_invoke() {
    check(|function, event| {
        let mut command = Command::new("cargo");
        command.args(["lambda", "invoke", function, "--data-file", event]);
        command
    })
    .await;
}
