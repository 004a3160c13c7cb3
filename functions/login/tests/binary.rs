//! The real binary, over the Lambda Runtime API.

use gatecrumb_testkit::{
    alarms,
    events::{self, Case, credentials},
    fixtures::{PASSWORD, WRONG_PASSWORD},
    startup,
};

const BINARY: &str = env!("CARGO_BIN_EXE_login");

/// The cases in `events/login/`.
fn cases() -> Vec<Case> {
    let good = credentials("login", PASSWORD);
    vec![
        Case::new("success").body(&good),
        Case::new("wrong-password").body(&credentials("login", WRONG_PASSWORD)),
        Case::new("unknown-user").body(&credentials("nobody", PASSWORD)),
        Case::new("disabled-user").body(&credentials("disabled", PASSWORD)),
        Case::new("malformed-json").body("{\"username\": \"login\", \"password\": "),
        Case::new("foreign-origin")
            .body(&good)
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site"),
        Case::new("cross-site")
            .body(&good)
            .header("sec-fetch-site", "cross-site"),
        Case::new("base64").body(&good).in_base64(),
        Case::new("odd-base64")
            .body(&good)
            .set("body", "this is not base64!")
            .set("isBase64Encoded", true),
    ]
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    events::check("login", BINARY, &cases()).await;
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_line() {
    startup::check(BINARY, &startup::OF_ALL).await;
    startup::check_on_lambda(BINARY, &startup::OF_ALL_ON_LAMBDA).await;
    startup::check_on_lambda(BINARY, &startup::OF_LOGIN_ON_LAMBDA).await;
}

#[tokio::test]
async fn wrong_signing_keys_stop_the_start_with_one_line() {
    startup::check(BINARY, &startup::OF_SIGNERS).await;
}

#[tokio::test]
async fn a_secret_that_is_missing_forbidden_or_no_key_set_stops_the_start_with_one_line() {
    startup::check_secret(BINARY, "login/malformed-json").await;
    startup::check_device_secret(BINARY).await;
}

#[tokio::test]
async fn a_wrong_throttle_or_cost_stops_the_start_with_one_line() {
    startup::check(BINARY, &startup::OF_LOGIN).await;
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    startup::check_parameters("Login", BINARY, "login/malformed-json").await;
}

/// No counter of the throttle sees one failure for each of many names from many addresses.
#[tokio::test]
async fn spraying_raises_an_alarm() {
    assert_eq!(alarms::raised_by_spraying(BINARY, 300).await, ["SprayingAlarm"]);
}
