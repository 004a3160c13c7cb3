//! Both real binaries, over the Lambda Runtime API.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

mod cases;
mod clock;
mod strict;
mod tokens;

use std::collections::BTreeSet;

use gatecrumb_testkit::{
    events::{self, Stored},
    fixtures::{self, FAR, THEN, variables},
    logs, roles,
    runtime_api::{Process, Said},
    startup::{self, Lifetimes, faults},
};
use serde_json::{Value, json};

use cases::{cookie, event};

const STATELESS: &str = env!("CARGO_BIN_EXE_authorizer");
const STRICT: &str = env!("CARGO_BIN_EXE_authorizer-strict");

/// What a guarded route gets to know of the fixture `me`.
fn context() -> Value {
    json!({
        "sub": "me", "sid": "me", "exp": FAR, "auth_time": THEN, "acr": "aal1", "amr": "[\"pwd\"]",
        "roles": "[\"reader\"]",
    })
}

async fn said(process: &mut Process, event: &Value) -> Said {
    process.send(&event.to_string()).await.unwrap().1
}

/// Both binaries decide alike on every event, say nothing of a denial, and log no token.
#[tokio::test]
async fn every_event_gets_its_answer() {
    let (address, _) = fixtures::dynamodb().await;
    let variables = variables(&format!("http://{address}"));
    let mut processes = [
        Process::start(STATELESS, &variables).await,
        Process::start(STRICT, &variables).await,
    ];
    let mut files = BTreeSet::new();
    for case in cases::all() {
        let stored = Stored {
            function: "authorizer".to_owned(),
            case: case.name.clone(),
        };
        events::compare(&stored.file(), &stored.event(), &case.event);
        let expected = if case.allowed {
            json!({ "isAuthorized": true, "context": context() })
        } else {
            json!({ "isAuthorized": false })
        };
        events::compare(&stored.answer_file(), &stored.answer(), &expected);
        for process in &mut processes {
            assert_eq!(process.invoke(&case.event).await, expected, "{}", case.name);
        }
        files.extend([
            format!("{}.json", case.name),
            format!("{}.answer.json", case.name),
        ]);
        never_log(&case.event);
    }
    events::check_folder("authorizer", &files);
    for process in processes {
        let log = process.killed().await;
        assert!(
            log.contains("\"denied\"") && log.contains("\"authorized\""),
            "{log}"
        );
        logs::assert_clean(&log);
    }
}

fn never_log(event: &Value) {
    let cookies = event["cookies"].as_array().into_iter().flatten();
    let cookies = cookies.map(|cookie| cookie.as_str().unwrap().split_once('=').unwrap().1);
    let bearer = event["headers"]["authorization"].as_str().unwrap_or_default();
    for token in cookies.chain([bearer]).filter(|token| token.len() > 40) {
        logs::never_log(token);
        logs::never_log(token.rsplit('.').next().unwrap_or_default());
    }
}

/// More than API Gateway lets through, and more than a browser sends.
#[tokio::test]
async fn endless_credentials_are_denied() {
    let endless = "x".repeat(100 * 1024);
    let good = tokens::good();
    let mut process = Process::start(STATELESS, &variables("http://127.0.0.1:9")).await;
    for (cookies, authorization) in [
        (vec![], format!("Bearer {endless}")),
        (vec![], format!("Bearer {good}{endless}")),
        (vec![], format!("Bearer {endless} {good}")),
        (vec![cookie(&endless)], String::new()),
        (vec![cookie(&good); 5000], String::new()),
    ] {
        let event = event("endless", "GET", &cookies, &[("authorization", &authorization)]);
        assert_eq!(process.invoke(&event).await, json!({ "isAuthorized": false }));
    }
    logs::assert_clean(&process.killed().await);
}

/// A denial would be cached and sign people out; API Gateway answers a failed invocation with 500.
#[tokio::test]
async fn any_other_event_is_an_error_and_never_a_decision() {
    let good = event("foreign", "GET", &[cookie(&tokens::good())], &[]);
    let changed = |name: &str, value: Value| {
        let mut event = good.clone();
        event[name] = value;
        event
    };
    let mut of_rest_api = good.clone();
    of_rest_api["methodArn"] = json!("arn:aws:execute-api:eu-central-1:123456789012:fixture/prod/GET/notes");
    for binary in [STATELESS, STRICT] {
        let mut process = Process::start(binary, &variables("http://127.0.0.1:9")).await;
        for event in [
            json!(null),
            json!({}),
            json!([1]),
            json!("a body"),
            json!({ "source": "serverless-plugin-warmup" }),
            events::named("me/success"),
            changed("version", json!("1.0")),
            changed("version", Value::Null),
            changed("type", json!("TOKEN")),
            changed("routeArn", Value::Null),
            of_rest_api.clone(),
        ] {
            let Said::Error(error) = said(&mut process, &event).await else {
                panic!("a decision on {event}");
            };
            assert_eq!(error["errorType"], "Gatecrumb.Event", "{event}");
        }
        logs::assert_clean(&process.killed().await);
    }
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_one_line() {
    let both = [faults::TOKENS, faults::ORIGINS, faults::COOKIES, faults::RUNTIME].concat();
    startup::check(STATELESS, &both).await;
    startup::check_on_lambda(STATELESS, faults::EVERYWHERE_ON_LAMBDA).await;
    startup::check(STRICT, &[&both[..], faults::TABLE, faults::NOT_BEFORE].concat()).await;
    startup::check_on_lambda(STRICT, faults::EVERYWHERE_ON_LAMBDA).await;
}

#[tokio::test]
async fn every_set_of_parameters_that_cloudformation_takes_starts() {
    let event = "authorizer/deny-nothing";
    startup::check_parameters("Authorizer", STATELESS, event, Lifetimes::Unread).await;
    startup::check_parameters("AuthorizerStrict", STRICT, event, Lifetimes::Unread).await;
}

#[tokio::test]
async fn each_role_allows_the_calls_of_its_function_and_no_others() {
    let events: Vec<Value> = ["allow-cookie", "allow-bearer", "deny-expired"]
        .map(|case| events::named(&format!("authorizer/{case}")))
        .into();
    roles::check("authorizer", STATELESS, &[(&[], events.clone())]).await;
    roles::check("authorizer-strict", STRICT, &[(&[], events)]).await;
}
