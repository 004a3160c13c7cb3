//! `examples/axum.rs` over HTTP.

use gatecrumb_domain::Timestamp;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::{NOW, table};

#[path = "../../examples/axum.rs"]
#[allow(dead_code, reason = "its main is not called")]
mod example;

/// Where the example listens, with a clock that shows `now`.
async fn start(now: Timestamp) -> String {
    let guard = table::guard_at(now);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { ::axum::serve(listener, example::router(guard)).await });
    format!("http://{address}")
}

async fn send(base: &str, row: &table::Row, method: Method, path: &str) -> http::Response<Bytes> {
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::new(Empty::new());
    *request.method_mut() = method;
    *request.uri_mut() = format!("{base}{path}").parse().unwrap();
    request.headers_mut().clone_from(&row.headers);
    let (parts, body) = client.request(request).await.unwrap().into_parts();
    http::Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn every_row_is_decided_as_by_the_authorizers() {
    let base = start(NOW).await;
    for row in table::rows() {
        let Some(method) = row.method.clone() else {
            continue;
        };
        let response = send(&base, &row, method.clone(), &row.path_and_query).await;
        let status = response.status().as_u16();
        if row.allowed {
            assert_eq!(status, 200, "{}", row.name);
            continue;
        }
        let (expected, code) = table::refused(&row.name);
        assert_eq!(status, expected, "{}", row.name);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json",
            "{}",
            row.name
        );
        assert!(
            !response.headers().contains_key("www-authenticate"),
            "{}",
            row.name
        );
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(
            (&body["code"], &body["status"]),
            (&code.into(), &status.into()),
            "{}",
            row.name
        );
    }
}

#[tokio::test]
async fn a_role_and_a_fresh_sign_in_are_required_where_a_route_says_so() {
    let rows = table::rows();
    let row = rows.iter().find(|row| row.name == "allow-bearer").unwrap();
    // The sign-in of all rows.
    let signed_in = 1_790_000_000;
    let get = Method::GET;
    for (method, path, seconds, expected) in [
        (get.clone(), "/admin", 0, 403),
        (get.clone(), "/export", 3600, 200),
        (get, "/export", 3601, 401),
        (Method::POST, "/delete-everything", 300, 200),
        (Method::POST, "/delete-everything", 301, 401),
    ] {
        let base = start(Timestamp(signed_in + seconds)).await;
        let response = send(&base, row, method, path).await;
        assert_eq!(response.status().as_u16(), expected, "{path} after {seconds} s");
        let challenge = response.headers().get("www-authenticate");
        assert_eq!(challenge.is_some(), expected == 401, "{path}");
        if let Some(challenge) = challenge {
            let max_age = if path == "/export" { 3600 } else { 300 };
            let challenge = challenge.to_str().unwrap();
            assert!(
                challenge.ends_with(&format!("max_age=\"{max_age}\"")),
                "{challenge}"
            );
        }
    }
}
