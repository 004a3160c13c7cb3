//! `examples/lambda.rs`, whose service gets requests as `lambda_http` makes them from events.

use gatecrumb_domain::Timestamp;
use lambda_http::{Body, Request, Service as _};
use serde_json::{Value, json};

use crate::{NOW, table};

#[path = "../../examples/lambda.rs"]
#[allow(dead_code, reason = "its main is not called")]
mod example;

async fn invoke(request: Request, now: Timestamp) -> (u16, Value) {
    let guard = table::guard_at(now);
    let response = example::service(guard).call(request).await.unwrap();
    let status = response.status().as_u16();
    let Body::Text(body) = response.into_body() else {
        panic!("no text");
    };
    (status, serde_json::from_str(&body).unwrap_or_default())
}

fn request(row: &table::Row, path: &str) -> Request {
    // Only the fields that `lambda_http` needs.
    let headers: serde_json::Map<String, Value> = row
        .headers
        .iter()
        .filter(|(name, _)| *name != "cookie")
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect();
    let cookies = row.headers.get_all("cookie").iter();
    let cookies = cookies.flat_map(|field| field.to_str().unwrap().split("; "));
    let method = row.method.as_ref().unwrap().as_str();
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
        "cookies": cookies.collect::<Vec<_>>(),
        "requestContext": { "stage": "$default", "http": { "method": method, "path": path } },
        "isBase64Encoded": false,
    });
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

#[tokio::test]
async fn every_row_is_decided_as_by_the_authorizers() {
    for row in table::rows().iter().filter(|row| row.method.is_some()) {
        let (status, body) = invoke(request(row, "/notes"), NOW).await;
        if row.allowed {
            assert_eq!(status, 200, "{}", row.name);
        } else {
            let (expected, code) = table::refused(&row.name);
            assert_eq!((status, &body["code"]), (expected, &json!(code)), "{}", row.name);
        }
    }
}

#[tokio::test]
async fn a_role_and_a_fresh_sign_in_are_required_where_a_route_says_so() {
    let rows = table::rows();
    let row = rows.iter().find(|row| row.name == "allow-cookie").unwrap();
    let signed_in = 1_790_000_000;
    for (path, seconds, status, code) in [
        ("/admin", 0, 403, json!("role_required")),
        ("/delete-everything", 300, 200, Value::Null),
        ("/delete-everything", 301, 401, json!("reauthentication_required")),
    ] {
        let (found, body) = invoke(request(row, path), Timestamp(signed_in + seconds)).await;
        assert_eq!((found, &body["code"]), (status, &code), "{path}");
    }
}
