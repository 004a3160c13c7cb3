//! The real binary, over the Lambda Runtime API.

use gatecrumb_testkit::{events, startup};

const BINARY: &str = env!("CARGO_BIN_EXE_me");

#[tokio::test]
async fn every_event_gets_its_answer() {
    events::check("me", BINARY).await;
}

#[tokio::test]
async fn events_of_other_services_fail_no_invocation() {
    events::check_foreign(BINARY).await;
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_line() {
    startup::check(BINARY, &startup::OF_ALL).await;
    startup::check_on_lambda(BINARY, &startup::OF_ALL_ON_LAMBDA).await;
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    startup::check_parameters("Me", BINARY, "me-without-cookies").await;
}
