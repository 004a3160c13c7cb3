//! The real binary, over the Lambda Runtime API.

use gatecrumb_runtime::now;
use gatecrumb_testkit::{
    events::{self, Case, Stored},
    fixtures::Fixture,
    roles,
    startup::{self, faults},
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
    startup::check(BINARY, &faults::EVERYWHERE.concat()).await;
    startup::check_on_lambda(BINARY, faults::EVERYWHERE_ON_LAMBDA).await;
}

#[tokio::test]
async fn wrong_signing_keys_stop_the_start_with_one_line() {
    startup::check(BINARY, faults::SIGNING).await;
}

#[tokio::test]
async fn a_secret_that_is_missing_forbidden_or_no_key_set_stops_the_start_with_one_line() {
    startup::check_secret(BINARY, "refresh/without-cookies").await;
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    startup::check_parameters("Refresh", BINARY, "refresh/without-cookies").await;
}

#[tokio::test]
async fn its_role_allows_its_calls_and_no_others() {
    // A token that is too young to rotate.
    let token = Fixture::named("refresh").refresh_issued_at(now());
    let mut young = events::named("refresh/success");
    young["cookies"] = vec![format!("__Host-gatecrumb-refresh={token}")].into();
    let events = events::of("refresh").iter().map(Stored::event).collect();
    roles::check("refresh", BINARY, &[(&[], vec![young]), (&[], events)]).await;
}
