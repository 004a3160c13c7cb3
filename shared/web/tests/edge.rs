//! What the edge does when a function does not answer as it should.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::sync::Arc;

use gatecrumb_testkit::{function, logs};
use gatecrumb_web::{Answer, Config, Function, Problem, Refusal, Request};
use serde_json::{Value, json};

#[derive(Clone, Copy)]
enum Fault {
    Panic,
    Hang,
    Internal,
}

struct Faulty {
    config: Config,
    fault: Fault,
}

impl Function for Faulty {
    const NAME: &'static str = "faulty";

    fn config(&self) -> &Config {
        &self.config
    }

    async fn answer(&self, _: Request) -> Result<Answer, Refusal> {
        match self.fault {
            Fault::Panic => panic!("a secret in a panic"),
            Fault::Hang => std::future::pending().await,
            Fault::Internal => Err(Problem::internal("a secret in a cause").into()),
        }
    }
}

async fn answer(fault: Fault) -> Value {
    logs::capture();
    let config = Config::read(&function::environment("http://127.0.0.1:9", &[])).unwrap();
    let event = json!({
        "version": "2.0", "routeKey": "GET /auth/me", "rawPath": "/auth/me", "rawQueryString": "", "headers": {},
        "requestContext": { "requestId": "the-request-id", "http": { "method": "GET", "path": "/auth/me" } },
        "isBase64Encoded": false,
    });
    function::invoke(&Arc::new(Faulty { config, fault }), &event).await
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
async fn a_panic_costs_one_answer_that_says_nothing() {
    assert_internal(&answer(Fault::Panic).await);
}

#[tokio::test]
async fn a_fault_of_ours_is_told_to_the_log_alone() {
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
    assert_eq!(line["function"], "faulty");
}

#[tokio::test(start_paused = true)]
async fn no_answer_in_time_is_unavailable_before_lambda_gives_up() {
    let started = tokio::time::Instant::now();
    let answer = answer(Fault::Hang).await;
    assert_eq!(
        (&answer["statusCode"], &answer["body"]["code"]),
        (&json!(503), &json!("unavailable"))
    );
    assert!(started.elapsed().as_millis() < 4500);
}
