//! Invalid configuration: the real binary must exit during init with one line that names the variable and the fix.

pub mod faults;
mod parameters;
mod secrets;

pub use parameters::{Lifetimes, SETS, check_parameters};
pub use secrets::{check_device_secret, check_secret};
use serde_json::Value;

use crate::{
    fixtures::{self, variables},
    logs,
    runtime_api::{Process, Said},
};

/// A variable, its value (`None`: not set), and a part of the fix that the line must contain.
pub type Fault = (&'static str, Option<&'static str>, &'static str);

/// Starts the binary once with each fault.
pub async fn check(binary: &str, faults: &[Fault]) {
    check_with(binary, faults, &variables("http://127.0.0.1:9")).await;
}

/// Starts the binary once with each fault, as on Lambda itself.
pub async fn check_on_lambda(binary: &str, faults: &[Fault]) {
    check_with(
        binary,
        faults,
        &on_lambda("never fetched", "never fetched", "http://127.0.0.1:9"),
    )
    .await;
}

/// The environment on Lambda itself, with its keys in these secrets.
fn on_lambda(signing: &str, devices: &str, secrets: &str) -> Vec<(String, String)> {
    let mut variables = variables("http://127.0.0.1:9");
    variables.retain(|(name, _)| !matches!(name.as_str(), "SIGNING_KEYS" | "DEVICE_KEYS"));
    for (name, value) in [
        ("SIGNING_KEYS_SECRET", signing),
        ("DEVICE_KEYS_SECRET", devices),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets),
        ("AWS_SAM_LOCAL", ""),
    ] {
        variables.push((name.to_owned(), value.to_owned()));
    }
    variables
}

async fn check_with(binary: &str, faults: &[Fault], variables: &[(String, String)]) {
    for (variable, value, fix) in faults {
        let mut variables = variables.to_owned();
        variables.retain(|(name, _)| name != variable);
        // An empty variable counts as not set, even one that `Process` sets.
        variables.push(((*variable).to_owned(), value.unwrap_or_default().to_owned()));
        let has_api = !variable.starts_with("AWS_LAMBDA_");
        refuses(binary, &variables, has_api, &[variable, fix]).await;
    }
}

/// Starts the binary, which must exit with one line that contains all of `expected`, and report it to the Runtime API.
async fn refuses(binary: &str, variables: &[(String, String)], has_api: bool, expected: &[&str]) {
    let mut process = Process::start(binary, variables).await;
    let said = process.said().await;
    let (status, written) = process.ended().await;
    assert!(!status.success(), "{expected:?}: it starts");
    assert_eq!(
        written.lines().count(),
        1,
        "{expected:?}: not one line: {written}"
    );
    let line: Value = serde_json::from_str(&written).expect("a line of JSON");
    let message = line["message"].as_str().unwrap();
    for text in expected {
        assert!(message.contains(text), "{text}: {message}");
    }
    match said {
        Some(Said::InitError(error)) => assert_eq!(error["errorMessage"], message),
        other => assert!(!has_api && other.is_none(), "{expected:?}: {other:?}"),
    }
    logs::never_log(&fixtures::signing_keys().to_private_json());
    logs::never_log("a25vd24gdG8gYWxsOyBvbmx5IGZvciBmaXh0dXJlcyE");
    logs::never_log("known-to-all-only-for-the-fixtures");
    logs::assert_clean(&written);
}
