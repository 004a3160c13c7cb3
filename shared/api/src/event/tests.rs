use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn event() -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /auth/login", "rawPath": "/auth/login",
        "rawQueryString": "everywhere=true", "queryStringParameters": { "everywhere": "true" },
        "cookies": ["a=1", "b=2"],
        "headers": { "content-type": "application/json", "host": "api.example.com", "origin": "https://a.example" },
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "api.example.com", "domainPrefix": "api",
            "authorizer": { "jwt": { "claims": { "a": "b" }, "scopes": null } }, "authentication": null,
            "http": {
                "method": "POST", "path": "/auth/login", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "id", "routeKey": "POST /auth/login", "stage": "$default", "time": "now",
            "timeEpoch": 1_790_000_000_000_u64,
        },
        "pathParameters": { "id": "a session", "other": "b" }, "stageVariables": { "a": "b" }, "body": "eyJhIjoxfQ==", "isBase64Encoded": true,
    })
}

fn read(json: &str) -> HttpEvent {
    match serde_json::from_str::<Event>(json).unwrap().0 {
        Kind::Http(event) => *event,
        Kind::Unsupported(event) => panic!("{}: {json}", event.description),
    }
}

/// What was read, by the top-level field that it is from.
fn parts(event: &HttpEvent) -> [(&'static str, String); 6] {
    let mut headers: Vec<String> = event.headers.iter().map(|header| format!("{header:?}")).collect();
    headers.retain(|header| !header.starts_with("(\"cookie\""));
    let context = format!("{:?} {:?}", event.request_id, event.source_ip);
    [
        ("cookies", format!("{:?}", event.headers.get(COOKIE))),
        ("headers", headers.join("\n")),
        ("rawQueryString", event.query.clone()),
        ("body", String::from_utf8_lossy(&event.body).into_owned()),
        ("requestContext", context),
        ("pathParameters", format!("{:?}", event.path_parameters)),
    ]
}

#[test]
fn every_field_of_a_plain_event_is_read() {
    let event = read(&event().to_string());
    assert_eq!(event.request_id.as_deref(), Some("id"));
    assert_eq!(event.source_ip.as_deref(), Some("192.0.2.1"));
    assert_eq!(event.query, "everywhere=true");
    assert_eq!(event.headers["cookie"], "a=1; b=2");
    assert_eq!(event.headers["content-type"], "application/json");
    assert_eq!(event.path_parameters["id"], "a session");
    assert_eq!(event.body, b"{\"a\":1}");
}

/// JSON Pointers to every value in it.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, value)| (i.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let pointer = format!("{at}/{name}");
        pointers(child, &pointer, found);
        found.push(pointer);
    }
}

/// Values that no field expects, as JSON.
const UNEXPECTED: [&str; 18] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.5",
    "1e999",
    "99999999999999999999999",
    r#""""#,
    r#""\u0001""#,
    r#""é""#,
    r#""\ud800""#,
    "[]",
    "[null]",
    r#"["a",1]"#,
    "{}",
    r#"{"a":null}"#,
    r#"{"a":{"b":["c"]}}"#,
];

#[test]
fn an_unreadable_field_does_not_affect_the_others() {
    let good = event();
    let expected = parts(&read(&good.to_string()));
    let mut found = Vec::new();
    pointers(&good, "", &mut found);
    assert!(found.len() > 30);
    for pointer in &found {
        for unexpected in UNEXPECTED {
            let mut event = good.clone();
            *event.pointer_mut(pointer).unwrap() = json!("placeholder");
            let json = event.to_string().replace("\"placeholder\"", unexpected);
            let read = parts(&read(&json));
            let field = pointer.split('/').nth(1).unwrap();
            for (expected, read) in expected.iter().zip(&read) {
                let concerned = match field {
                    "isBase64Encoded" => "body",
                    other => other,
                };
                if expected.0 != concerned {
                    assert_eq!(expected, read, "{pointer} = {unexpected}");
                }
            }
        }
        let mut event = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if let Some(Value::Object(members)) = event.pointer_mut(parent) {
            members.remove(name);
        }
        read(&event.to_string());
    }
}

#[test]
fn an_invalid_header_or_cookie_does_not_affect_the_others() {
    let mut event = event();
    event["headers"] = json!({
        "a": "bad \u{1}\u{7f}", "b": null, "c": 1, "d": ["1", "2"], "\u{e9}": "name", "with space": "name", "": "name",
        "e": "caf\u{e9}", "f": "tab\there", "origin": { "a": "b" }, "content-type": "application/json",
    });
    event["cookies"] = json!(["bad=\u{1}", 1, null, "good=1", ["x"], "accented=\u{e9}"]);
    let headers = read(&event.to_string()).headers;
    let value = |name: &str| headers.get(name).map(|value| value.as_bytes().to_vec());
    assert_eq!(value("a").unwrap(), b"bad ??");
    assert_eq!(value("b"), None);
    assert_eq!(value("c").unwrap(), b"?");
    assert_eq!(headers.get_all("d").iter().collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(value("e").unwrap(), "caf\u{e9}".as_bytes());
    assert_eq!(value("f").unwrap(), b"tab\there");
    assert_eq!(
        value("origin").unwrap(),
        b"?",
        "present, and not an allowed origin"
    );
    assert_eq!(value("content-type").unwrap(), b"application/json");
    assert_eq!(value("cookie").unwrap(), "good=1; accented=\u{e9}".as_bytes());
    // A name with an unpaired surrogate.
    let json = self::event().to_string().replace("\"host\"", "\"ho\\ud800st\"");
    assert_eq!(read(&json).headers["content-type"], "application/json");
}

#[test]
fn unusual_queries_and_bodies_are_read() {
    let mut event = event();
    event["rawQueryString"] = Value::Null;
    assert_eq!(read(&event.to_string()).query, "everywhere=true");
    event["rawQueryString"] = json!("a b\"c=\u{e9}");
    event["body"] = json!("this is not base64!");
    let read = read(&event.to_string());
    assert_eq!(read.query, "a b\"c=\u{e9}");
    assert_eq!(read.body, b"this is not base64!");
}

#[test]
fn events_of_other_services_are_described() {
    for (event, description, is_ping) in [
        (json!({}), "an empty object", true),
        (json!(null), "null", true),
        (
            json!({ "source": "serverless-plugin-warmup" }),
            "a warm-up ping",
            true,
        ),
        (json!({ "warmup": true }), "a warm-up ping", true),
        (
            json!({ "lambda-warmer": 1, "concurrency": 3 }),
            "a warm-up ping",
            true,
        ),
        (json!({ "ping": "" }), "a warm-up ping", true),
        (json!({ "warmup": false }), "an unknown object", false),
        (
            json!({ "detail-type": "Scheduled Event", "source": "aws.events" }),
            "a schedule of EventBridge",
            true,
        ),
        (
            json!({ "detail-type": "other" }),
            "an event of EventBridge",
            false,
        ),
        (json!({ "key1": "value1" }), "an unknown object", false),
        (
            json!({ "Records": [{ "eventSource": "aws:sqs" }] }),
            "messages of SQS",
            false,
        ),
        (
            json!({ "Records": [{ "EventSource": "aws:sns" }] }),
            "a message of SNS",
            false,
        ),
        (json!({ "Records": [1] }), "a list of records", false),
        (json!({ "Records": [] }), "an unknown object", false),
        (
            json!({ "requestContext": { "elb": {} }, "httpMethod": "GET" }),
            "a request of an Application Load Balancer",
            false,
        ),
        (
            json!({ "requestContext": { "connectionId": "a", "eventType": "CONNECT" } }),
            "a message of a WebSocket API",
            false,
        ),
        (
            json!({ "version": "2.0", "requestContext": { "serviceArn": "a" }, "path": "/" }),
            "a request of VPC Lattice",
            false,
        ),
        (
            json!({ "version": "2.0", "type": "REQUEST", "routeArn": "a", "requestContext": { "http": {} } }),
            "a request to a Lambda authorizer",
            false,
        ),
        (json!([event()]), "an array", false),
        (json!("text"), "a string", false),
        (json!(true), "a boolean", false),
        (json!(-1), "a number", false),
    ] {
        let read = serde_json::from_value::<Event>(event.clone()).unwrap();
        let Kind::Unsupported(unsupported) = read.0 else {
            panic!("{event} is read as a request")
        };
        let read = (unsupported.description, unsupported.is_ping);
        assert_eq!(read, (description, is_ping), "{event}");
    }
    for version_1 in [
        json!({ "version": "1.0" }),
        json!({ "resource": "/a", "httpMethod": "GET", "requestContext": { "requestId": "id" } }),
        json!({ "requestContext": { "resourcePath": "/a", "requestId": "id" } }),
    ] {
        let read = serde_json::from_value::<Event>(version_1).unwrap();
        assert!(read.unsupported().unwrap().contains("payload format 1.0"));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        proptest::sample::select(vec![
            "version",
            "requestContext",
            "http",
            "headers",
            "cookies",
            "body",
            "isBase64Encoded",
            "rawQueryString",
            "rawPath",
            "Records",
            "elb",
            "source",
            "requestId",
            "2.0",
            "true",
            "cookie",
        ])
        .prop_map(str::to_owned),
        "(.|\n){0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        name.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_json_value_is_an_event(value in any_json()) {
        prop_assert!(serde_json::from_str::<Event>(&value.to_string()).is_ok());
    }

    #[test]
    fn any_field_may_be_any_json(value in any_json(), index: proptest::sample::Index) {
        let mut event = event();
        let mut found = Vec::new();
        pointers(&event, "", &mut found);
        *event.pointer_mut(&found[index.index(found.len())]).unwrap() = value;
        prop_assert!(serde_json::from_str::<Event>(&event.to_string()).is_ok());
    }
}
