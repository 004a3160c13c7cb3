//! What clients and the log get when a handler fails or the event is another service's.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use gatecrumb_domain::Clock;
use gatecrumb_testkit::{function, logs};
use gatecrumb_web::{Handler, HttpService, Problem, Refusal, Request, Response};
use serde_json::{Value, json};

#[derive(Clone, Copy)]
enum Fault {
    Panic,
    Hang,
    Internal,
}

struct Failing(Fault);

impl Handler for Failing {
    const NAME: &'static str = "failing";

    async fn handle(&self, _: Request) -> Result<Response, Refusal> {
        match self.0 {
            Fault::Panic => panic!("a secret in a panic"),
            Fault::Hang => std::future::pending().await,
            Fault::Internal => Err(Problem::internal("a secret in a cause").into()),
        }
    }
}

/// In seconds since the epoch.
const NOW: u64 = 1_790_000_000;

struct Stopped;

impl Clock for Stopped {
    fn now_millis(&self) -> u64 {
        NOW * 1000
    }
}

fn failing(fault: Fault) -> HttpService<Failing> {
    logs::capture();
    HttpService::new(Failing(fault), Arc::new(Stopped), None)
}

fn event() -> Value {
    json!({
        "version": "2.0", "routeKey": "GET /auth/me", "rawPath": "/auth/me", "rawQueryString": "", "headers": {},
        "requestContext": { "requestId": "the-request-id", "http": { "method": "GET", "path": "/auth/me" } },
        "isBase64Encoded": false,
    })
}

async fn answer(fault: Fault) -> Value {
    function::invoke(&failing(fault), &event()).await
}

fn assert_internal(answer: &Value) {
    assert_eq!(answer["statusCode"], 500);
    let expected = json!({
        "type": "about:blank", "title": "Internal Server Error", "status": 500, "code": "internal",
        "detail": "Something went wrong on our side.", "request_id": "the-request-id",
    });
    assert_eq!(answer["body"], expected);
    assert_eq!(answer["headers"]["x-request-id"], "the-request-id");
}

#[tokio::test]
async fn a_panic_gets_500_without_its_message() {
    assert_internal(&answer(Fault::Panic).await);
}

#[tokio::test]
async fn only_the_log_has_the_cause_of_a_fault() {
    assert_internal(&answer(Fault::Internal).await);
    let log = logs::captured();
    let line = log
        .lines()
        .find(|line| line.contains("a secret in a cause"))
        .unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["level"], &line["event"]),
        (&json!("ERROR"), &json!("failed"))
    );
    assert_eq!(line["request_id"], "the-request-id");
    assert_eq!(line["function"], "failing");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_gets_503_before_lambda_times_out() {
    let started = tokio::time::Instant::now();
    let answer = answer(Fault::Hang).await;
    assert_eq!(
        (&answer["statusCode"], &answer["body"]["code"]),
        (&json!(503), &json!("unavailable"))
    );
    assert!(started.elapsed().as_millis() < 4500);
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_follows_from_the_invocations_deadline() {
    // The margin is 0.5 s.
    for (deadline, [at_least, at_most]) in [
        ((NOW + 3) * 1000, [1000, 2500]),
        ((NOW + 20) * 1000, [18_000, 19_500]),
        // API Gateway's limit.
        ((NOW + 900) * 1000, [29_000, 29_000]),
        ((NOW - 10) * 1000, [0, 0]),
        // No deadline, and one that is not a point in time.
        (0, [4300, 4300]),
        (600_000, [4300, 4300]),
    ] {
        let started = tokio::time::Instant::now();
        let answer = function::invoke_until(&failing(Fault::Hang), &event(), deadline).await;
        assert_eq!(answer["statusCode"], 503);
        let took = started.elapsed().as_millis();
        assert!((at_least..=at_most + 1).contains(&took), "{deadline}: {took} ms");
    }
}

/// The response to an event of another service, and the log line with this request id.
async fn invoke(event: &Value, id: &str) -> (Value, Value) {
    let answer = function::invoke_until(&failing(Fault::Hang), event, 0).await;
    let log = logs::captured();
    let line = log
        .lines()
        .rfind(|line| line.contains("payload format 2.0") && line.contains(id));
    let line = line.unwrap_or_else(|| panic!("no log line for {event}"));
    (answer, serde_json::from_str(line).unwrap())
}

#[tokio::test]
async fn events_of_other_services_are_answered_and_logged() {
    let rest = json!({
        "version": "1.0", "resource": "/auth/me", "httpMethod": "GET",
        "requestContext": { "requestId": "the-rest-id", "secret": "a secret in an event" },
    });
    let (answer, line) = invoke(&rest, "the-rest-id").await;
    assert_eq!(answer["statusCode"], 500);
    assert_eq!(answer["headers"]["content-type"], "application/problem+json");
    let mut members: Vec<&String> = answer.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["body", "headers", "isBase64Encoded", "statusCode"]);
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&body["code"], &body["request_id"]),
        (&json!("internal"), &json!("the-rest-id"))
    );
    assert_eq!(
        (&line["level"], &line["event"], &line["request_id"]),
        (
            &json!("ERROR"),
            &json!("event_not_understood"),
            &json!("the-rest-id")
        )
    );
    assert_eq!(line["expected"], "an API Gateway event of payload format 2.0");
    assert!(line["received"].as_str().unwrap().contains("payload format 1.0"));
    assert!(!logs::captured().contains("a secret in an event"));

    let (answer, line) = invoke(&json!({ "warmup": true }), "the-invocation-id").await;
    assert_eq!(
        (&answer["statusCode"], &answer["body"]),
        (&json!(204), &json!(""))
    );
    assert_eq!(
        (&line["level"], &line["event"]),
        (&json!("INFO"), &json!("pinged"))
    );
    assert_eq!(line["request_id"], "the-invocation-id");
}
