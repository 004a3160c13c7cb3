//! HTTP as a browser speaks it: a jar that stores what `Set-Cookie` says, and sends it.

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

/// A browser without a page: requests go out with the jar's cookies and no `Origin`.
#[derive(Clone)]
pub struct Browser {
    client: Client<HttpConnector, Body>,
    base: String,
    /// This is `sam local start-api`.
    emulated: bool,
    /// The cookies by name. A test may put in what it likes.
    pub jar: BTreeMap<String, String>,
    headers: Vec<(String, Vec<u8>)>,
}

/// A response, whole.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Browser {
    /// One that visits the API at `base`.
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

    /// With a header on every request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With an empty jar.
    #[must_use]
    pub fn with_empty_jar(&self) -> Self {
        Self {
            jar: BTreeMap::new(),
            ..self.clone()
        }
    }

    /// `POST` of JSON.
    pub async fn post_json(&mut self, path: &str, body: &Value) -> Answer {
        self.post(path, "application/json", body.to_string()).await
    }

    /// `POST` of anything; without a content type when that is empty.
    pub async fn post(&mut self, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.send(Method::POST, path, content_type, body.into()).await
    }

    /// `GET`.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    /// Any request.
    pub async fn send(&mut self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
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
        let answer = Answer {
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

    /// Whatever a test asks for, the answer must be a documented one.
    fn check(&self, route: &str, answer: &Answer) {
        // What `sam local start-api` says by itself is not what API Gateway would.
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

/// Where `sam local start-api` is, if the tests are to run against it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "how the tests are told")]
pub fn sam() -> Option<String> {
    std::env::var("GATECRUMB_TEST_URL").ok()
}

impl Answer {
    /// The `Set-Cookie` values, in order.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Status and, of a problem, the code: `401 session_ended`.
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
