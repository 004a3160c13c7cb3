//! The files in `events/` are those of functions, and what they need is up to date. Each function's own tests check
//! its events. `UPDATE_EVENTS=1 cargo test --workspace` writes them all.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use std::fs;

use gatecrumb_testkit::{events, fixtures, openapi};
use serde_json::Value;

#[tokio::test]
async fn the_environment_and_the_rows_are_up_to_date() {
    let files = [
        ("env.json", fixtures::environment()),
        ("rows.json", fixtures::rows().await),
    ];
    for (name, value) in &files {
        let path = events::folder().join(name);
        if events::update() {
            let text = serde_json::to_string_pretty(value).unwrap() + "\n";
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        // Values are compared, not the layout of the file.
        let found: Value = serde_json::from_str(&found).unwrap_or(Value::Null);
        assert!(found == *value, "{} is not up to date", path.display());
    }
    let dotenv = events::folder().join("cargo-lambda.env");
    if events::update() {
        fs::write(&dotenv, fixtures::dotenv()).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&dotenv).unwrap_or_default(),
        fixtures::dotenv()
    );
}

#[test]
fn the_folder_holds_every_function_and_nothing_else() {
    let mut names: Vec<String> = fs::read_dir(events::folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected: Vec<String> = openapi::functions();
    let others = [
        "authorizer",
        "README.md",
        "cargo-lambda.env",
        "env.json",
        "invoke.yaml",
        "rows.json",
        "start-api.yaml",
    ];
    expected.extend(others.map(str::to_owned));
    expected.sort();
    assert_eq!(names, expected);
}
