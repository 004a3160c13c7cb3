//! Checks every response that the tests get against `openapi.yaml`.

mod paths;

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, LazyLock, Mutex},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jsonschema::Validator;
use serde_json::{Value, json};

/// Headers of every response of ours, even where the document makes them optional because API Gateway's own lack them.
const ALWAYS: [&str; 4] = ["cache-control", "vary", "x-content-type-options", "x-request-id"];
/// Headers that a response may have only if the document lists them for it.
const LISTED: [&str; 2] = ["set-cookie", "retry-after"];
const PROBLEM: &str = "application/problem+json";

/// A response, from a server or a function.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// Method and path, such as `POST /auth/login`. The path may be a template or have values for its parameters.
    pub route: &'a str,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.yaml");
    serde_yaml_ng::from_str(&fs::read_to_string(path).unwrap()).unwrap()
});

/// The document with every object closed: clients ignore unknown members, but our responses must not have any.
static CLOSED: LazyLock<Value> = LazyLock::new(|| {
    let mut document = DOCUMENT.clone();
    close(&mut document["components"]["schemas"]);
    document
});

fn close(schema: &mut Value) {
    let Value::Object(members) = schema else { return };
    members.values_mut().for_each(close);
    if members.get("type") == Some(&json!("object")) {
        members.entry("additionalProperties").or_insert(json!(false));
    }
}

/// `openapi.yaml`.
#[must_use]
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// One step of a JSON Pointer, escaped (RFC 6901).
#[must_use]
pub fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Validates `value` against the schema at a JSON Pointer into the document.
pub fn conforms(value: &Value, schema: &str) -> Result<(), String> {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap();
    let validator = validators.entry(schema.to_owned()).or_insert_with(|| {
        let mut root = CLOSED.clone();
        root["$ref"] = json!(format!("#{schema}"));
        let validator = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(validator.build(&root).unwrap())
    });
    let validator = Arc::clone(validator);
    drop(validators);
    let faults: Vec<String> = validator
        .iter_errors(value)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("; "))
    }
}

/// The value at `pointer` and its pointer, after following `$ref`s.
fn resolved(pointer: String) -> Option<(&'static Value, String)> {
    let found = DOCUMENT.pointer(&pointer)?;
    match found["$ref"].as_str() {
        Some(to) => resolved(to.trim_start_matches('#').to_owned()),
        None => Some((found, pointer)),
    }
}

/// Method and path of the operation with this function's name.
#[must_use]
pub fn route_of(function: &str) -> (String, String) {
    let mut routes = paths::routes(&DOCUMENT);
    let found = routes.find(|(_, _, operation)| operation["operationId"] == function);
    let (method, path, _) = found.unwrap_or_else(|| panic!("openapi.yaml has no operation {function}"));
    (method, path.to_owned())
}

/// The documented functions: each operation has the name of its function.
#[must_use]
pub fn functions() -> Vec<String> {
    let names = paths::routes(&DOCUMENT).map(|(_, _, operation)| operation["operationId"].as_str());
    names.map(|name| name.unwrap().to_owned()).collect()
}

/// Checks a response. A response to an undocumented route passes.
pub fn check(seen: &Seen) -> Result<(), String> {
    let (method, path) = seen.route.split_once(' ').unwrap();
    let Some(template) = paths::template(&DOCUMENT, method, path) else {
        return Ok(());
    };
    let (method, status) = (method.to_lowercase(), seen.status);
    let pointer = format!("/paths/{}/{method}/responses/{status}", step(template));
    let checked = match resolved(pointer) {
        Some((response, pointer)) => {
            check_headers(seen, response, &pointer).and_then(|()| check_body(seen, response, &pointer))
        }
        None => Err("the status is not listed".to_owned()),
    };
    checked.map_err(|fault| format!("{} {status} differs from openapi.yaml: {fault}", seen.route))
}

fn text<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    seen.headers.get(name).map(|value| value.to_str().unwrap())
}

fn check_headers(seen: &Seen, response: &Value, pointer: &str) -> Result<(), String> {
    let ours = seen.status < 400 || text(seen, "content-type") == Some(PROBLEM);
    let listed = response["headers"].as_object().cloned().unwrap_or_default();
    let is_listed = |name: &str| listed.keys().any(|key| key.eq_ignore_ascii_case(name));
    for name in LISTED.into_iter().filter(|name| !is_listed(name)) {
        if seen.headers.contains_key(name) {
            return Err(format!("{name} is not listed"));
        }
    }
    for name in ALWAYS.into_iter().filter(|_| ours) {
        if !is_listed(name) || !seen.headers.contains_key(name) {
            return Err(format!("every response of ours lists and has {name}"));
        }
    }
    for name in listed.keys() {
        let (header, pointer) = resolved(format!("{pointer}/headers/{name}")).unwrap();
        let values = seen.headers.get_all(name.to_lowercase());
        if header["required"] == true && values.iter().next().is_none() {
            return Err(format!("{name} is missing"));
        }
        for value in values {
            let value = value.to_str().unwrap();
            let value = match header.pointer("/schema/type") {
                Some(kind) if kind == "integer" => json!(value.parse::<u64>().ok()),
                _ => json!(value),
            };
            conforms(&value, &format!("{pointer}/schema"))
                // The value itself may be a token.
                .map_err(|_| format!("{name} does not conform to its schema"))?;
        }
    }
    Ok(())
}

fn check_body(seen: &Seen, response: &Value, pointer: &str) -> Result<(), String> {
    let Some(content) = response.get("content") else {
        let empty = seen.body.is_empty();
        return empty.then_some(()).ok_or_else(|| "there is a body".to_owned());
    };
    let media_type = text(seen, "content-type").unwrap_or_default();
    if content.get(media_type).is_none() {
        return Err(format!("the media type {media_type:?} is not listed"));
    }
    let body: Value = serde_json::from_slice(&seen.body).map_err(|error| error.to_string())?;
    conforms(&body, &format!("{pointer}/content/{}/schema", step(media_type)))?;
    let told = body.get("retry_after").map(ToString::to_string);
    if media_type == PROBLEM && told.as_deref() != text(seen, "retry-after") {
        return Err("retry_after and Retry-After differ".to_owned());
    }
    Ok(())
}

/// Checks a function's response to an event. Its body may already be parsed.
pub fn check_event(event: &Value, answer: &Value) -> Result<(), String> {
    let mut headers = HeaderMap::new();
    for (name, value) in answer["headers"].as_object().unwrap() {
        let name: HeaderName = name.parse().unwrap();
        headers.insert(name, value.as_str().unwrap().parse().unwrap());
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        let cookie = cookie
            .as_str()
            .unwrap()
            .replace("<jwt>", "jwt")
            .replace("<device>", "device");
        headers.append("set-cookie", HeaderValue::try_from(cookie).unwrap());
    }
    let body = match &answer["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        read => read.to_string(),
    };
    check(&Seen {
        route: event["routeKey"].as_str().unwrap(),
        status: u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap(),
        headers,
        body: body.into_bytes(),
    })
}
