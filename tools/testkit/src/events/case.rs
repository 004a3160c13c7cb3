//! Builds events.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    fixtures::{Fixture, ORIGIN},
    openapi,
};

/// A case of a function: how its event differs from a plain request of the frontend.
pub struct Case {
    pub(super) name: &'static str,
    path: Option<&'static str>,
    headers: Vec<(&'static str, Value)>,
    members: Vec<(&'static str, Value)>,
}

impl Case {
    /// A request without cookies and body, whose file is `<name>.json`.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            path: None,
            headers: Vec::new(),
            members: Vec::new(),
        }
    }

    /// Sets the path, for a route with parameters.
    #[must_use]
    pub fn path(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn body(self, body: &str) -> Self {
        self.header("content-type", "application/json")
            .header("content-length", body.len().to_string())
            .set("body", body)
    }

    /// Encodes the body in base64, as API Gateway does with a body that it considers binary.
    #[must_use]
    pub fn in_base64(mut self) -> Self {
        for (name, value) in &mut self.members {
            if *name == "body" {
                *value = STANDARD.encode(value.as_str().unwrap()).into();
            }
        }
        self.set("isBase64Encoded", true)
    }

    /// Sets the cookies of a fixture's session.
    #[must_use]
    pub fn signed_in(self, fixture: &str) -> Self {
        let fixture = Fixture::named(fixture);
        let cookies = json!([
            format!("__Host-gatecrumb-access={}", fixture.access()),
            format!("__Host-gatecrumb-refresh={}", fixture.refresh()),
            "__Host-gatecrumb-hint=1",
        ]);
        self.set("cookies", cookies)
    }

    /// Sets a header or replaces the frontend's own.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets a member of the event.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// The event, as API Gateway sends it to this function.
    pub(super) fn event(&self, function: &str) -> Value {
        let (method, template) = openapi::route_of(function);
        let path = self.path.unwrap_or(&template);
        let mut event = json!({
            "version": "2.0",
            "routeKey": format!("{method} {template}"),
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
                "requestId": format!("fixture-{function}-{}", self.name),
                "routeKey": format!("{method} {template}"),
                "stage": "$default",
                "time": "21/Sep/2026:14:13:20 +0000",
                "timeEpoch": 1_790_000_000_000_u64,
            },
            "isBase64Encoded": false,
        });
        for (name, value) in &self.headers {
            event["headers"][name] = value.clone();
        }
        for (name, value) in &self.members {
            event[name] = value.clone();
        }
        event
    }
}

/// The body of a sign-in.
#[must_use]
pub fn credentials(username: &str, password: &str) -> String {
    json!({ "username": username, "password": password }).to_string()
}
