//! The real binary, over the Lambda Runtime API.

use gatecrumb_testkit::{
    events::{self, Case},
    startup,
};

const BINARY: &str = env!("CARGO_BIN_EXE_refresh");

/// The cases in `events/refresh/`.
fn cases() -> Vec<Case> {
    vec![
        Case::new("success").signed_in("refresh"),
        Case::new("superseded").signed_in("superseded"),
        Case::new("without-cookies"),
    ]
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    events::check("refresh", BINARY, &cases()).await;
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_line() {
    startup::check(BINARY, &startup::OF_ALL).await;
    startup::check_on_lambda(BINARY, &startup::OF_ALL_ON_LAMBDA).await;
}

#[tokio::test]
async fn wrong_signing_keys_stop_the_start_with_one_line() {
    startup::check(BINARY, &startup::OF_SIGNERS).await;
}

#[tokio::test]
async fn a_secret_that_is_missing_forbidden_or_no_key_set_stops_the_start_with_one_line() {
    startup::check_secret(BINARY, "refresh/without-cookies").await;
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    startup::check_parameters("Refresh", BINARY, "refresh/without-cookies").await;
}
