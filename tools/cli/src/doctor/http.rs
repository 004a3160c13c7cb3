//! The HTTP client of `doctor`: one request, and its whole response or why there is none.

use std::time::Duration;

use axum::body::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use super::fault::NoResponse;
use crate::Failure;

const TIMEOUT: Duration = Duration::from_secs(10);
/// Far more than any response of gatecrumb.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A client for one deployment.
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Without a trailing slash.
    base: String,
}

/// A response with its whole body.
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Vec<u8>,
}

impl Http {
    /// Trusts the system's roots, or those in `SSL_CERT_FILE`.
    pub(super) fn new(base: &str) -> Result<Self, Failure> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| {
                Failure::new(format!(
                    "cannot read the trusted root certificates of this machine (or SSL_CERT_FILE): {error}"
                ))
            })?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            base: base.to_owned(),
        })
    }

    /// Sends a request to `path` below the base URL.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Response, NoResponse> {
        self.send_to(&format!("{}{path}", self.base), method, headers, body)
            .await
    }

    /// Sends a request to any URL.
    pub(super) async fn send_to(
        &self,
        url: &str,
        method: Method,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Response, NoResponse> {
        let uri: Uri = url
            .parse()
            .map_err(|error| NoResponse::other(format!("{url}: {error}")))?;
        let mut request = Request::builder().method(method).uri(uri.clone()).header(
            "user-agent",
            concat!("gatecrumb-doctor/", env!("CARGO_PKG_VERSION")),
        );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::from(body))
            .map_err(|error| NoResponse::other(error.to_string()))?;
        let exchange = async {
            let response = self
                .client
                .request(request)
                .await
                .map_err(|error| NoResponse::because(&uri, &error, !error.is_connect()))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MAX_BODY_BYTES).collect().await;
            let body = body.map_err(|error| NoResponse::because(&uri, &*error, true))?;
            Ok(Response {
                status: parts.status,
                headers: parts.headers,
                body: body.to_bytes().to_vec(),
            })
        };
        tokio::time::timeout(TIMEOUT, exchange)
            .await
            .unwrap_or_else(|_| Err(NoResponse::timeout(TIMEOUT.as_secs())))
    }
}

impl Response {
    /// Empty if the header is absent.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Null if the body is not JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of a problem response, else empty.
    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code, such as `401 not_logged_in`.
    pub(super) fn outcome(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.code())
            .trim_end()
            .to_owned()
    }

    /// The `Set-Cookie` fields, in order.
    pub(super) fn set_cookies(&self) -> Vec<cookie::Cookie<'static>> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|line| line.to_str().ok())
            .filter_map(|line| cookie::Cookie::parse(line.to_owned()).ok())
            .collect()
    }
}
