//! `openapi.yaml` itself: its codes are those of the code, its examples conform, and a wrong response is detected.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

use std::collections::BTreeSet;

use gatecrumb_testkit::{
    events,
    openapi::{self, conforms, document, step},
};
use gatecrumb_web::PROBLEMS;
use serde_json::{Value, json};

type Visit<'a> = &'a mut dyn FnMut(&str, &Value);

/// Every object of the document with the JSON Pointer to it.
fn walk(value: &Value, pointer: &str, visit: Visit) {
    match value {
        Value::Object(members) => {
            visit(pointer, value);
            for (name, member) in members {
                walk(member, &format!("{pointer}/{}", step(name)), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{index}"), visit);
            }
        }
        _ => {}
    }
}

fn strings(value: &Value) -> BTreeSet<String> {
    let strings = value.as_array().unwrap().iter();
    strings.map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_codes_are_those_of_the_code() {
    let answered: BTreeSet<(u64, String)> = PROBLEMS
        .iter()
        .map(|problem| (problem.status().into(), problem.code().to_owned()))
        .collect();
    assert_eq!(answered.len(), PROBLEMS.len());
    let mut documented = BTreeSet::new();
    walk(document(), "", &mut |_, object| {
        let status = object.pointer("/properties/status/const");
        if let Some(status) = status.and_then(Value::as_u64) {
            for code in strings(&object["properties"]["code"]["enum"]) {
                documented.insert((status, code));
            }
        }
    });
    let all = document().pointer("/components/schemas/Problem/properties/code/enum");
    let codes: BTreeSet<String> = documented.iter().map(|(_, code)| code.clone()).collect();
    assert_eq!(strings(all.unwrap()), codes);
    assert_eq!(documented, answered);
}

#[test]
fn every_example_fits_and_every_code_has_one() {
    let mut examples = 0;
    walk(document(), "", &mut |pointer, object| {
        let Some(named) = object.get("examples").and_then(Value::as_object) else {
            return;
        };
        let schema = format!("{pointer}/schema");
        for (name, example) in named {
            examples += 1;
            if let Err(fault) = conforms(&example["value"], &schema) {
                panic!("{pointer} {name}: {fault}");
            }
            if let Some(code) = example.pointer("/value/code") {
                assert_eq!(code, name);
            }
        }
        if let Some(codes) = object.pointer("/schema/properties/code/enum") {
            assert_eq!(strings(codes), named.keys().cloned().collect(), "{pointer}");
        }
    });
    let message = &document()["components"]["schemas"]["GatewayMessage"]["examples"][0];
    conforms(message, "/components/schemas/GatewayMessage").unwrap();
    assert!(examples > 30, "{examples} examples were found");
}

#[test]
fn the_responses_to_the_events_conform() {
    for stored in events::all() {
        openapi::check_event(&stored.event(), &stored.answer())
            .unwrap_or_else(|fault| panic!("{stored}: {fault}"));
    }
}

#[test]
fn the_version_is_that_of_the_packages() {
    assert_eq!(document()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_wrong_response_is_detected() {
    for (name, pointer, value, fault) in [
        ("me/success", "/statusCode", json!(418), "status is not listed"),
        ("me/success", "/statusCode", json!(403), "application/json"),
        (
            "me/success",
            "/headers/content-type",
            json!("text/html"),
            "text/html",
        ),
        (
            "me/success",
            "/headers/cache-control",
            json!("public"),
            "Cache-Control",
        ),
        ("me/success", "/headers/x-request-id", json!(""), "X-Request-Id"),
        (
            "me/success",
            "/headers/retry-after",
            json!("1"),
            "retry-after is not listed",
        ),
        (
            "me/success",
            "/cookies",
            json!(["gatecrumb-hint=1; Path=/; Max-Age=1"]),
            "set-cookie is not listed",
        ),
        (
            "me/success",
            "/body/user/password_hash",
            json!("x"),
            "password_hash",
        ),
        (
            "me/success",
            "/body/session/created_at",
            json!("yesterday"),
            "created_at",
        ),
        (
            "me/broken-access",
            "/body/code",
            json!("session_reused"),
            "session_reused",
        ),
        ("me/broken-access", "/body/status", json!(403), "/status"),
        ("me/broken-access", "/body/retry_after", json!(1), "/"),
        ("me/broken-access", "/body/trace", json!("at main.rs"), "trace"),
        ("login/success", "/cookies", json!([]), "Set-Cookie is missing"),
        (
            "login/success",
            "/cookies",
            json!(["session=1; Path=/; Max-Age=1"]),
            "Set-Cookie does not conform",
        ),
        (
            "refresh/superseded",
            "/cookies",
            json!(["__Host-gatecrumb-access=a.b.c; Path=/; Max-Age=900"]),
            "Set-Cookie does not conform",
        ),
        ("logout/success", "/cookies", json!([]), "Set-Cookie is missing"),
        ("logout/success", "/body", json!("bye"), "there is a body"),
    ] {
        let mut answer = events::answer(name);
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        answer.pointer_mut(parent).unwrap()[member] = value;
        let found = openapi::check_event(&events::named(name), &answer).unwrap_err();
        assert!(found.contains(fault), "{pointer}: {found}");
    }
    let mut answer = events::answer("me/success");
    answer["headers"].as_object_mut().unwrap().remove("vary");
    let found = openapi::check_event(&events::named("me/success"), &answer).unwrap_err();
    assert!(found.contains("vary"), "{found}");
}
