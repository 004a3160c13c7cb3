//! The real binary, over the Lambda Runtime API.

use gatecrumb_testkit::{
    events::{self, Case, Stored},
    roles,
    startup::{self, Lifetimes, faults},
};

const BINARY: &str = env!("CARGO_BIN_EXE_me");

/// The cases in `events/me/`.
fn cases() -> Vec<Case> {
    vec![
        Case::new("success").signed_in("me"),
        Case::new("without-cookies"),
        Case::new("expired-access").signed_in("expired"),
        Case::new("broken-access").set("cookies", vec!["__Host-gatecrumb-access=broken"]),
        Case::new("odd-query")
            .signed_in("me")
            .set("rawQueryString", "a b\"c=\u{e9}"),
        // Malformed fields, which no gateway sends: each is ignored, and the rest counts.
        Case::new("odd-fields")
            .signed_in("me")
            .header("x-control", "a\u{1}b")
            .header("x-\u{e9}", "name")
            .header("x-number", 1)
            .header("x-null", None::<bool>)
            .set("isBase64Encoded", None::<bool>),
        // As an API mapping with a path, or a stage other than $default, sends it.
        Case::new("base-path")
            .signed_in("me")
            .set("rawPath", "/accounts/auth/me"),
    ]
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    events::check("me", BINARY, &cases()).await;
}

#[tokio::test]
async fn events_of_other_services_fail_no_invocation() {
    events::check_foreign(BINARY).await;
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_line() {
    let sections = [
        faults::TABLE,
        faults::TOKENS,
        faults::NOT_BEFORE,
        faults::COOKIES,
        faults::PROXY,
        faults::RUNTIME,
    ];
    startup::check(BINARY, &sections.concat()).await;
    startup::check_on_lambda(BINARY, faults::EVERYWHERE_ON_LAMBDA).await;
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    startup::check_parameters("Me", BINARY, "me/without-cookies", Lifetimes::Unread).await;
}

#[tokio::test]
async fn its_role_allows_its_calls_and_no_others() {
    let events = events::of("me").iter().map(Stored::event).collect();
    roles::check("me", BINARY, &[(&[], events)]).await;
}
