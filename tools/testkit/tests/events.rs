//! The files in `events/` are what they are made of. `UPDATE_EVENTS=1 cargo test --workspace` writes them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;

use gatecrumb_testkit::{events, world};
use serde_json::Value;

#[tokio::test]
async fn the_files_are_up_to_date() {
    let mut files = events::all();
    files.push(("env".to_owned(), world::environment()));
    files.push(("rows".to_owned(), world::rows().await));
    for (name, value) in &files {
        let path = events::folder().join(format!("{name}.json"));
        let text = serde_json::to_string_pretty(value).unwrap() + "\n";
        if events::update() {
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        // Compared as values: how the file is laid out is nobody's affair.
        let found: Value = serde_json::from_str(&found).unwrap_or(Value::Null);
        assert!(found == *value, "{} is not up to date", path.display());
    }
    let dotenv = events::folder().join("cargo-lambda.env");
    if events::update() {
        fs::write(&dotenv, world::dotenv()).unwrap();
    }
    assert_eq!(fs::read_to_string(&dotenv).unwrap_or_default(), world::dotenv());
    let known = |name: &str| files.iter().any(|(known, _)| known == name);
    for entry in fs::read_dir(events::folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = name.strip_suffix(".json") else {
            continue;
        };
        assert!(
            known(name.strip_suffix(".answer").unwrap_or(name)),
            "{name} belongs to no event"
        );
    }
}
