//! An HTTP client with a cookie jar, like a browser's.

use std::{collections::BTreeMap, time::Duration};

use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::{logs, openapi};

type Body = Full<axum::body::Bytes>;

/// A browser without a page: it sends the jar's cookies and no `Origin`.
#[derive(Clone)]
pub struct Browser {
    client: Client<HttpConnector, Body>,
    base: String,
    /// Whether the API is `sam local start-api`.
    emulated: bool,
    /// The cookies by name. A test may change them.
    pub jar: BTreeMap<String, String>,
    headers: Vec<(String, Vec<u8>)>,
}

/// A response that was read to its end.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Browser {
    /// A browser that uses the API at `base`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self {
            client,
            base: base.to_owned(),
            emulated: sam().is_some_and(|sam| sam == base),
            jar: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// Adds a header to every request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// A copy with an empty jar.
    #[must_use]
    pub fn with_empty_jar(&self) -> Self {
        Self {
            jar: BTreeMap::new(),
            ..self.clone()
        }
    }

    /// Sends `POST` with JSON.
    pub async fn post_json(&mut self, path: &str, body: &Value) -> Response {
        self.post(path, "application/json", body.to_string()).await
    }

    /// Sends `POST`. Without a `Content-Type` header if `content_type` is empty.
    pub async fn post(&mut self, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        self.send(Method::POST, path, content_type, body.into()).await
    }

    /// Sends `GET`.
    pub async fn get(&mut self, path: &str) -> Response {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    /// Sends a request and stores the response's cookies. Panics if `openapi.yaml` does not document the response.
    pub async fn send(&mut self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Response {
        let route = format!("{method} {}", path.split('?').next().unwrap());
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value.as_slice());
        }
        if !self.jar.is_empty() {
            let cookies: Vec<String> = self
                .jar
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", cookies.join("; "));
        }
        for value in self.jar.values() {
            logs::never_log(value);
        }
        let request = request.body(Full::from(body)).unwrap();
        let response = self.client.request(request);
        let response = tokio::time::timeout(Duration::from_secs(30), response)
            .await
            .unwrap()
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let answer = Response {
            status: parts.status,
            headers: parts.headers,
            body,
        };
        for line in answer.set_cookies() {
            self.store(&line);
        }
        self.check(&route, &answer);
        answer
    }

    fn check(&self, route: &str, answer: &Response) {
        // Errors of `sam local start-api` itself differ from API Gateway's.
        let of_sam = answer.header("content-type") != Some("application/problem+json");
        if self.emulated && of_sam && !answer.status.is_success() {
            return;
        }
        let checked = openapi::check(&openapi::Seen {
            route,
            status: answer.status.as_u16(),
            headers: answer.headers.clone(),
            body: answer.body.clone(),
        });
        if let Err(fault) = checked {
            panic!("{fault}");
        }
    }

    fn store(&mut self, line: &str) {
        let cookie = cookie::Cookie::parse(line.to_owned()).unwrap();
        logs::never_log(cookie.value());
        if cookie.max_age() == Some(cookie::time::Duration::ZERO) {
            self.jar.remove(cookie.name());
        } else {
            self.jar
                .insert(cookie.name().to_owned(), cookie.value().to_owned());
        }
    }
}

/// The URL of `sam local start-api`, if the tests are to use it (`GATECRUMB_TEST_URL`).
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "how a developer chooses the server under test"
)]
pub fn sam() -> Option<String> {
    std::env::var("GATECRUMB_TEST_URL").ok()
}

impl Response {
    /// The `Set-Cookie` values, in order.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The status, and the code if the body is a problem: `401 session_ended`.
    #[must_use]
    pub fn outcome(&self) -> String {
        let code = serde_json::from_slice::<Value>(&self.body).ok();
        let code = code.and_then(|body| body.get("code").and_then(Value::as_str).map(str::to_owned));
        match code {
            Some(code) => format!("{} {code}", self.status.as_u16()),
            None => self.status.as_u16().to_string(),
        }
    }
}
