//! The rows of `events/authorizer/`, which the tests of the authorizers generate: one request and whether it is allowed.

use std::{fs, path::Path, sync::Arc};

use gatecrumb_domain::{Clock, Timestamp};
use gatecrumb_tokens::guard::Guard;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::COOKIE};
use serde_json::Value;

/// One row.
pub(crate) struct Row {
    pub(crate) name: String,
    /// `None`: a request without a method, which HTTP cannot express.
    pub(crate) method: Option<Method>,
    pub(crate) path_and_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) allowed: bool,
}

fn events() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events"))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A guard with the settings of all rows.
pub(crate) fn guard() -> Guard {
    let environment = json(&events().join("env.json"));
    Guard::from_env(move |name| environment["Parameters"][name].as_str().map(str::to_owned)).unwrap()
}

/// A time that does not move.
struct At(Timestamp);

impl Clock for At {
    fn now_millis(&self) -> u64 {
        self.0.0 * 1000
    }
}

/// The same guard at this time.
pub(crate) fn guard_at(now: Timestamp) -> Guard {
    guard().with_clock(Arc::new(At(now)))
}

/// All rows.
pub(crate) fn rows() -> Vec<Row> {
    let folder = events().join("authorizer");
    let names = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let mut rows: Vec<Row> = names
        .filter_map(|name| Some(name.strip_suffix(".answer.json")?.to_owned()))
        .map(|name| {
            let event = json(&folder.join(format!("{name}.json")));
            let answer = json(&folder.join(format!("{name}.answer.json")));
            let method = event["requestContext"]["http"]["method"].as_str();
            let query = event["rawQueryString"].as_str().unwrap();
            Row {
                method: method.map(|method| Method::from_bytes(method.as_bytes()).unwrap()),
                path_and_query: format!("/notes?{query}"),
                headers: headers(&event),
                allowed: answer["isAuthorized"].as_bool().unwrap(),
                name,
            }
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

fn headers(event: &Value) -> HeaderMap {
    let fields = event["headers"].as_object().unwrap().iter();
    let fields = fields.map(|(name, value)| {
        let value = HeaderValue::from_str(value.as_str().unwrap()).unwrap();
        (HeaderName::try_from(name).unwrap(), value)
    });
    let cookies = event["cookies"].as_array().into_iter().flatten();
    let cookies: Vec<&str> = cookies.map(|cookie| cookie.as_str().unwrap()).collect();
    let cookies = (!cookies.is_empty()).then(|| HeaderValue::from_str(&cookies.join("; ")).unwrap());
    fields.chain(cookies.map(|value| (COOKIE, value))).collect()
}

/// The status and the code with which a row is refused. No row has a refresh cookie or the hint.
pub(crate) fn refused(name: &str) -> (u16, &'static str) {
    match name.strip_prefix("deny-").unwrap() {
        "expired" | "bearer-expired" => (401, "access_expired"),
        // The cookie of another deployment on the same host is as good as none.
        "nothing" | "http-cookie-name" | "basic" | "token-in-query" | "another-iss" => (401, "not_logged_in"),
        "post-sibling" | "post-old-browser" | "unknown-method" => (403, "cross_origin"),
        other if other.ends_with("-cross-site") => (403, "cross_origin"),
        _ => (401, "token_invalid"),
    }
}
