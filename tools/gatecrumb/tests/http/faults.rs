//! DynamoDB does not answer: 503, no cookie touched, and the next request is served.

use std::sync::Arc;

use gatecrumb_local::{DynamoDb, fixtures};
use gatecrumb_store::{Connection, Store};
use gatecrumb_testkit::{events, function, logs};
use gatecrumb_web::Function;
use login::Login;
use logout::Logout;
use me::Me;
use refresh::Refresh;
use serde_json::Value;
use tokio::net::TcpListener;

fn event(name: &str) -> Value {
    events::all()
        .into_iter()
        .find(|(found, _)| found == name)
        .unwrap()
        .1
}

async fn refused<F: Function>(function: F, name: &str) {
    let answer = function::invoke(&Arc::new(function), &event(name)).await;
    assert_eq!(answer["statusCode"], 503, "{name}");
    assert_eq!(answer["body"]["code"], "unavailable");
    assert_eq!(answer["body"]["retry_after"], 1);
    assert_eq!(answer["headers"]["retry-after"], "1");
    assert_eq!(
        answer["cookies"],
        serde_json::json!([]),
        "{name}: no cookie is cleared or set"
    );
    assert!(
        !answer.to_string().contains("127.0.0.1"),
        "the cause is for the log"
    );
}

#[tokio::test]
async fn every_function_says_unavailable_while_nothing_listens() {
    logs::capture();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let env = || function::environment(&endpoint, &[]);
    refused(Login::start(env()).await.unwrap(), "login").await;
    refused(Refresh::start(env()).await.unwrap(), "refresh").await;
    refused(Me::start(env()).await.unwrap(), "me").await;
    refused(Logout::start(env()).await.unwrap(), "logout").await;
    refused(Logout::start(env()).await.unwrap(), "logout-everywhere").await;
}

#[tokio::test]
async fn what_needs_no_table_is_answered_without_one() {
    logs::capture();
    let env = || function::environment("http://127.0.0.1:9", &[]);
    let me = Arc::new(Me::start(env()).await.unwrap());
    let logout = Arc::new(Logout::start(env()).await.unwrap());
    assert_eq!(
        function::invoke(&me, &event("me-without-cookies")).await["body"]["code"],
        "not_logged_in"
    );
    let mut event = event("logout");
    event.as_object_mut().unwrap().remove("cookies");
    assert_eq!(function::invoke(&logout, &event).await["statusCode"], 204);
}

#[tokio::test]
async fn nothing_is_lost_and_the_next_request_is_served() {
    logs::capture();
    // The port is chosen first and nobody listens there yet.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let endpoint = format!("http://{address}");
    let refresh = Arc::new(
        Refresh::start(function::environment(&endpoint, &[]))
            .await
            .unwrap(),
    );
    assert_eq!(
        function::invoke(&refresh, &event("refresh")).await["statusCode"],
        503
    );
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(
        DynamoDb::in_memory()
            .unwrap()
            .serve(listener, std::future::pending()),
    );
    fixtures::load(&Store::new(&Connection::local(&endpoint).dynamodb(), "gatecrumb"))
        .await
        .unwrap();
    assert_eq!(
        function::invoke(&refresh, &event("refresh")).await["statusCode"],
        200
    );
}
