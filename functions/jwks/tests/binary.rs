//! The real binary, over the Lambda Runtime API.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use gatecrumb_testkit::{
    events::{self, Case, Stored},
    fixtures, roles,
    runtime_api::Process,
    startup::{self, Fault, Lifetimes, faults},
};
use gatecrumb_tokens::VerifyingKeys;
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_jwks");

/// `VERIFYING_KEYS` of the events.
fn verifying_keys() -> String {
    let mut variables = fixtures::variables("http://127.0.0.1:9").into_iter();
    variables.find(|(name, _)| name == "VERIFYING_KEYS").unwrap().1
}

/// The cases in `events/jwks/`.
fn cases() -> Vec<Case> {
    let keys = VerifyingKeys::from_json(&verifying_keys()).unwrap();
    let etag = format!("\"{}\"", keys.fingerprint());
    vec![
        Case::new("success"),
        Case::new("not-modified").header("if-none-match", etag),
        Case::new("foreign-origin")
            .header("origin", "https://elsewhere.example")
            .header("sec-fetch-site", "cross-site"),
    ]
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    events::check("jwks", BINARY, &cases()).await;
}

#[tokio::test]
async fn events_of_other_services_fail_no_invocation() {
    events::check_foreign(BINARY).await;
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_line() {
    let keys = faults::TOKENS
        .iter()
        .filter(|(variable, ..)| *variable == "VERIFYING_KEYS");
    let faults: Vec<Fault> = keys.chain(faults::RUNTIME).copied().collect();
    startup::check(BINARY, &faults).await;
}

#[tokio::test]
async fn it_needs_the_public_keys_alone() {
    let given = verifying_keys();
    let variables = [("VERIFYING_KEYS".to_owned(), given.clone())];
    let mut process = Process::start(BINARY, &variables).await;
    let answer = process.invoke(&events::named("jwks/success")).await;
    assert_eq!(answer["statusCode"], 200);
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, serde_json::from_str::<Value>(&given).unwrap());
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    startup::check_parameters("Jwks", BINARY, "jwks/success", Lifetimes::Unread).await;
}

#[tokio::test]
async fn its_role_allows_its_calls_and_no_others() {
    let events = events::of("jwks").iter().map(Stored::event).collect();
    roles::check("jwks", BINARY, &[(&[], events)]).await;
}
