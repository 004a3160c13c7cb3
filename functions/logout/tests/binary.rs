//! The real binary, over the Lambda Runtime API.

use gatecrumb_testkit::{
    events::{self, Case, Stored},
    roles,
    startup::{self, faults},
};

const BINARY: &str = env!("CARGO_BIN_EXE_logout");

/// The cases in `events/logout/`.
fn cases() -> Vec<Case> {
    vec![
        Case::new("success").signed_in("logout"),
        Case::new("everywhere")
            .signed_in("everywhere")
            .set("rawQueryString", "everywhere=true"),
        Case::new("foreign-origin")
            .signed_in("logout")
            .header("origin", "null")
            .header("sec-fetch-site", "cross-site"),
    ]
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    events::check("logout", BINARY, &cases()).await;
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_line() {
    startup::check(BINARY, &faults::EVERYWHERE.concat()).await;
    startup::check_on_lambda(BINARY, faults::EVERYWHERE_ON_LAMBDA).await;
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    startup::check_parameters("Logout", BINARY, "logout/foreign-origin").await;
}

#[tokio::test]
async fn its_role_allows_its_calls_and_no_others() {
    let events = events::of("logout").iter().map(Stored::event).collect();
    roles::check("logout", BINARY, &[(&[], events)]).await;
}
