//! The files in `events/`: what each is made of, and that each real binary answers it as written down beside it.

use std::{fs, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use gatecrumb_aws::Connection;
use gatecrumb_local::{DynamoDb, fixtures};
use gatecrumb_store::Store;
use serde_json::{Value, json};

use crate::{
    logs,
    runtime_api::Process,
    world::{Fixture, ORIGIN, PASSWORD, variables},
};

/// The folder `events/`.
#[must_use]
pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events"))
}

/// Whether the files are to be written anew: `UPDATE_EVENTS=1 cargo test --workspace`, and a look at the changes.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "how it is asked to")]
pub fn update() -> bool {
    std::env::var("UPDATE_EVENTS").is_ok()
}

/// The file beside `event` that holds its answer.
#[must_use]
pub fn answer_file(event: &str) -> PathBuf {
    folder().join(format!("{event}.answer.json"))
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the changes in place")]
fn event(name: &str, method: &str, changes: Value) -> (String, Value) {
    let route = name.split('-').next().unwrap();
    let path = format!("/auth/{route}");
    let mut event = json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "host": "auth.example.com",
            "origin": ORIGIN,
            "sec-fetch-site": "same-site",
            "user-agent": "fixture",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "fixture",
            "domainName": "auth.example.com",
            "domainPrefix": "auth",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "fixture",
            },
            "requestId": format!("fixture-{name}"),
            "routeKey": format!("{method} {path}"),
            "stage": "$default",
            "time": "21/Sep/2026:14:13:20 +0000",
            "timeEpoch": 1_790_000_000_000_u64,
        },
        "isBase64Encoded": false,
    });
    for (key, value) in changes.as_object().unwrap() {
        if key == "headers" {
            for (header, value) in value.as_object().unwrap() {
                event["headers"][header] = value.clone();
            }
        } else {
            event[key] = value.clone();
        }
    }
    (name.to_owned(), event)
}

fn login(name: &str, body: &str, changes: Value) -> (String, Value) {
    let (name, mut event) = event(name, "POST", changes);
    event["headers"]["content-type"] = json!("application/json");
    event["headers"]["content-length"] = json!(body.len().to_string());
    if event.get("body").is_none() {
        event["body"] = json!(body);
    }
    (name, event)
}

fn credentials(username: &str, password: &str) -> String {
    json!({ "username": username, "password": password }).to_string()
}

fn cookies(fixture: &str, access: bool, refresh: bool) -> Value {
    let fixture = Fixture::named(fixture);
    let mut cookies = Vec::new();
    if access {
        cookies.push(format!("__Host-gatecrumb-access={}", fixture.access()));
    }
    if refresh {
        cookies.push(format!("__Host-gatecrumb-refresh={}", fixture.refresh()));
        cookies.push("__Host-gatecrumb-hint=1".to_owned());
    }
    json!({ "cookies": cookies })
}

fn with(mut changes: Value, key: &str, value: Value) -> Value {
    changes[key] = value;
    changes
}

/// The answer written down beside an event.
#[must_use]
pub fn expected(event: &str) -> Value {
    let text = fs::read_to_string(answer_file(event)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// Every event by its file's name without the ending; the function's name goes before the first hyphen.
#[must_use]
pub fn all() -> Vec<(String, Value)> {
    let good = credentials("login", PASSWORD);
    vec![
        login("login", &good, json!({})),
        login(
            "login-wrong-password",
            &credentials("login", "correct horse battery stable"),
            json!({}),
        ),
        login("login-unknown-user", &credentials("nobody", PASSWORD), json!({})),
        login(
            "login-disabled-user",
            &credentials("disabled", PASSWORD),
            json!({}),
        ),
        login(
            "login-malformed-json",
            "{\"username\": \"login\", \"password\": ",
            json!({}),
        ),
        login(
            "login-foreign-origin",
            &good,
            json!({ "headers": { "origin": "https://evil.example", "sec-fetch-site": "cross-site" } }),
        ),
        login(
            "login-cross-site",
            &good,
            json!({ "headers": { "sec-fetch-site": "cross-site" } }),
        ),
        login(
            "login-base64",
            &good,
            json!({ "body": STANDARD.encode(&good), "isBase64Encoded": true }),
        ),
        login(
            "login-odd-base64",
            &good,
            json!({ "body": "this is not base64!", "isBase64Encoded": true }),
        ),
        event("me", "GET", cookies("me", true, true)),
        event("me-without-cookies", "GET", json!({})),
        event("me-expired-access", "GET", cookies("expired", true, true)),
        event(
            "me-broken-access",
            "GET",
            json!({ "cookies": ["__Host-gatecrumb-access=broken"] }),
        ),
        event(
            "me-odd-query",
            "GET",
            with(
                cookies("me", true, true),
                "rawQueryString",
                json!("a b\"c=\u{e9}"),
            ),
        ),
        // Fields that no gateway sends so; each costs itself alone.
        event(
            "me-odd-fields",
            "GET",
            with(
                with(
                    cookies("me", true, true),
                    "headers",
                    json!({ "x-control": "a\u{1}b", "x-\u{e9}": "name", "x-number": 1, "x-null": null }),
                ),
                "isBase64Encoded",
                Value::Null,
            ),
        ),
        // As a domain's mapping to a path, or a stage of another name than $default, sends it.
        event(
            "me-base-path",
            "GET",
            with(cookies("me", true, true), "rawPath", json!("/accounts/auth/me")),
        ),
        event("refresh", "POST", cookies("refresh", true, true)),
        event("refresh-superseded", "POST", cookies("superseded", true, true)),
        event("refresh-without-cookies", "POST", json!({})),
        event("logout", "POST", cookies("logout", true, true)),
        event(
            "logout-everywhere",
            "POST",
            with(
                cookies("everywhere", true, true),
                "rawQueryString",
                json!("everywhere=true"),
            ),
        ),
        event(
            "logout-foreign-origin",
            "POST",
            with(
                cookies("logout", true, true),
                "headers",
                json!({ "origin": "null", "sec-fetch-site": "cross-site" }),
            ),
        ),
    ]
}

/// The event of `events/{name}.json`.
#[must_use]
pub fn named(name: &str) -> Value {
    let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Another DynamoDB than the embedded one, to hold the store against: one that runs at this URL.
#[expect(clippy::disallowed_methods, reason = "how the tests are told")]
fn elsewhere() -> Option<String> {
    std::env::var("GATECRUMB_TEST_DYNAMODB_URL").ok()
}

/// Drives a function's real binary with each of its events and compares with the answers beside them.
pub async fn check(function: &str, binary: &str) {
    let endpoint = match elsewhere() {
        Some(url) => url,
        None => format!("http://{}", DynamoDb::in_memory().unwrap().spawn().await.unwrap()),
    };
    let store = Store::new(&Connection::local(&endpoint).dynamodb(), "gatecrumb");
    let mut process = Process::start(binary, &variables(&endpoint)).await;
    let prefix = format!("{function}-");
    let mut checked = 0;
    for (name, _) in all()
        .iter()
        .filter(|(name, _)| name == function || name.starts_with(&prefix))
    {
        fixtures::load(&store).await.unwrap();
        let answer = normalized(process.invoke(&named(name)).await);
        let found = serde_json::to_string_pretty(&answer).unwrap();
        if update() {
            fs::write(answer_file(name), format!("{found}\n")).unwrap();
        }
        let expected = expected(name);
        assert!(
            answer == expected,
            "{name}: not the answer of {}:\n{found}",
            answer_file(name).display()
        );
        checked += 1;
    }
    assert!(checked >= 2, "events of {function} were found");
    let log = process.killed().await;
    assert!(log.lines().count() >= checked, "each request is logged");
    logs::never_log(PASSWORD);
    logs::never_log("correct horse battery stable");
    for (_, event) in all() {
        for cookie in event["cookies"].as_array().into_iter().flatten() {
            let value = cookie.as_str().unwrap().split_once('=').unwrap().1;
            logs::never_log(value);
            logs::never_log(value.rsplit('.').next().unwrap());
        }
    }
    logs::assert_clean(&log);
}

/// Drives a function's real binary with events that are no requests: each is answered, and no invocation fails.
pub async fn check_foreign(binary: &str) {
    let mut process = Process::start(binary, &variables("http://127.0.0.1:9")).await;
    let events = [
        (json!({}), 204),
        (json!(null), 204),
        (json!({ "source": "serverless-plugin-warmup" }), 204),
        (
            json!({ "version": "1.0", "httpMethod": "GET", "resource": "/" }),
            500,
        ),
        (
            json!({ "requestContext": { "elb": {} }, "httpMethod": "GET" }),
            500,
        ),
        (json!({ "requestContext": { "connectionId": "a" } }), 500),
        (
            json!({ "Records": [{ "eventSource": "aws:sqs", "body": "a body" }] }),
            500,
        ),
        (json!([1]), 500),
        (json!("a body"), 500),
    ];
    for (event, status) in &events {
        let answer = process.invoke(event).await;
        assert_eq!(answer["statusCode"], *status, "{event}");
    }
    let log = process.killed().await;
    let told = log.lines().filter(|line| line.contains("payload format 2.0"));
    assert_eq!(told.count(), events.len(), "{log}");
    assert!(!log.contains("a body"), "{log}");
}

/// An answer with every token replaced by `<jwt>` and every device cookie's value by `<device>`, and its body read.
#[must_use]
pub fn normalized(mut answer: Value) -> Value {
    let cookies = answer["cookies"].as_array().cloned().unwrap_or_default();
    let cookies = cookies.iter().map(|line| {
        let line = line.as_str().unwrap();
        let (name, rest) = line.split_once('=').unwrap();
        let (value, attributes) = rest.split_once(';').unwrap();
        logs::never_log(value);
        let value = match value {
            jwt if jwt.starts_with("eyJ") => "<jwt>",
            device if name.ends_with("-device") && !device.is_empty() => "<device>",
            other => other,
        };
        json!(format!("{name}={value};{attributes}"))
    });
    let cookies: Vec<Value> = cookies.collect();
    let body = answer["body"].as_str().unwrap_or_default();
    let body = serde_json::from_str(body).unwrap_or_else(|_| json!(body));
    answer["cookies"] = Value::Array(cookies);
    answer["body"] = body;
    answer
}
