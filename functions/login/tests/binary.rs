//! The real binary, over the Lambda Runtime API.

use gatecrumb_testkit::{
    alarms,
    events::{self, Case, Stored, credentials},
    fixtures::{DEVICE_KEYS, PASSWORD, WRONG_PASSWORD, known_device},
    roles,
    startup::{self, Fault, Lifetimes, faults},
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

/// What only login refuses.
const FAULTS: [Fault; 19] = [
    ("DEVICE_KEYS", None, "the secret that the template makes"),
    ("DEVICE_KEYS_SECRET", Some("name"), "keep one of the two"),
    ("DEVICE_KEYS", Some("known to all"), "32 to 256 visible ASCII"),
    ("DEVICE_KEYS", Some("[]"), "not a JSON object"),
    ("DEVICE_KEYS", Some("{}"), "has no key or more than 8"),
    ("DEVICE_KEYS", Some("{\"1\":7}"), "not a JSON object"),
    (
        "DEVICE_KEYS",
        Some("{\"1\":\"short\"}"),
        "32 to 256 visible ASCII",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"1\":\"white space in a text that is long enough\"}"),
        "32 to 256 visible ASCII",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"0\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"01\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"+1\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"1000\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"a\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"1\":\"known-to-all-only-for-the-fixtures\",\"1\":\"known-to-all-only-for-the-fixtures\"}"),
        "a version twice",
    ),
    ("THROTTLE", Some("no"), "set it to off for tests"),
    (
        "THROTTLE_PAIR_FAILURES",
        Some("0"),
        "a whole number from 1 to 100",
    ),
    (
        "THROTTLE_ACCOUNT_FAILURES",
        Some("9"),
        "a whole number from 10 to 10000",
    ),
    (
        "THROTTLE_ADDRESS_FAILURES",
        Some("many"),
        "a whole number from 10 to 100000",
    ),
    ("PASSWORD_ITERATIONS", Some("11"), "a whole number from 1 to 10"),
];

/// What only login refuses, on Lambda only.
const FAULTS_ON_LAMBDA: [Fault; 2] = [
    ("DEVICE_KEYS", Some(DEVICE_KEYS), "set DEVICE_KEYS_SECRET"),
    ("THROTTLE", Some("off"), "leave it out: without it"),
];

#[tokio::test]
async fn every_event_gets_its_answer() {
    events::check("login", BINARY, &cases()).await;
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_line() {
    startup::check(BINARY, &faults::EVERYWHERE.concat()).await;
    startup::check_on_lambda(BINARY, faults::EVERYWHERE_ON_LAMBDA).await;
    startup::check_on_lambda(BINARY, &FAULTS_ON_LAMBDA).await;
}

#[tokio::test]
async fn wrong_signing_keys_stop_the_start_with_one_line() {
    startup::check(BINARY, faults::SIGNING).await;
}

#[tokio::test]
async fn a_secret_that_is_missing_forbidden_or_no_key_set_stops_the_start_with_one_line() {
    startup::check_secret(BINARY, "login/malformed-json").await;
    startup::check_device_secret(BINARY).await;
}

#[tokio::test]
async fn a_wrong_throttle_or_cost_stops_the_start_with_one_line() {
    startup::check(BINARY, &FAULTS).await;
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    startup::check_parameters("Login", BINARY, "login/malformed-json", Lifetimes::Read).await;
}

/// The throttle's counters miss an attack with one failure for each of many usernames from many addresses.
#[tokio::test]
async fn spraying_raises_an_alarm() {
    assert_eq!(alarms::raised_by_spraying(BINARY, 300).await, ["SprayingAlarm"]);
}

#[tokio::test]
async fn its_role_allows_its_calls_and_no_others() {
    let mut events: Vec<_> = events::of("login").iter().map(Stored::event).collect();
    // A browser that had a session signs in.
    let mut again = events::named("login/success");
    again["cookies"] = events::named("refresh/success")["cookies"].clone();
    // A sign-in on a known device.
    let mut known = events::named("login/success");
    known["cookies"] = vec![known_device("login")].into();
    events.extend([again, known]);
    // The configured cost differs from the stored hash's.
    roles::check("login", BINARY, &[(&[("PASSWORD_ITERATIONS", "1")], events)]).await;
}
