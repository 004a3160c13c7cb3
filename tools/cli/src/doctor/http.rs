//! HTTP as the doctor speaks it: one request, its whole answer, or why there is none.

use std::{error::Error, time::Duration};

use axum::body::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::Failure;

const PATIENCE: Duration = Duration::from_secs(10);
/// No answer of gatecrumb's comes near it.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Talks to one deployment.
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Without a slash at its end.
    base: String,
}

/// An answer, whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Vec<u8>,
}

impl Http {
    /// By the system's roots, or those that `SSL_CERT_FILE` names.
    pub(super) fn new(base: &str) -> Result<Self, Failure> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| Failure::new(format!("cannot read this machine's trusted roots: {error}")))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            base: base.to_owned(),
        })
    }

    /// The answer, or in one line why there is none.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Answer, String> {
        self.ask_at(&format!("{}{path}", self.base), method, headers, body)
            .await
    }

    /// The same at any URL.
    pub(super) async fn ask_at(
        &self,
        url: &str,
        method: Method,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Answer, String> {
        let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
        let mut request = Request::builder().method(method).uri(uri).header(
            "user-agent",
            concat!("gatecrumb-doctor/", env!("CARGO_PKG_VERSION")),
        );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::from(body))
            .map_err(|error| error.to_string())?;
        let exchange = async {
            let response = self
                .client
                .request(request)
                .await
                .map_err(|error| causes(&error))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MAX_BODY_BYTES).collect().await;
            let body = body.map_err(|error| causes(&*error))?;
            Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body: body.to_bytes().to_vec(),
            })
        };
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
    }
}

/// The error and what caused it, once each.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

impl Answer {
    /// A header's text; empty when it is absent.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON; null when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Of a problem answer, its code; else empty.
    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code, such as `401 not_logged_in`.
    pub(super) fn outcome(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.code())
            .trim_end()
            .to_owned()
    }

    /// The `Set-Cookie` lines in order.
    pub(super) fn set_cookies(&self) -> Vec<cookie::Cookie<'static>> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|line| line.to_str().ok())
            .filter_map(|line| cookie::Cookie::parse(line.to_owned()).ok())
            .collect()
    }
}
