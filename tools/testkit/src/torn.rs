//! Between the SDK and the embedded DynamoDB: a `BatchGetItem` that is no snapshot, as the real one is none. The
//! embedded one reads all of its keys under one lock.

use std::net::SocketAddr;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, header},
    response::Response,
};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::interposer::{Hook, forward_to};

#[derive(Clone)]
struct Torn {
    upstream: SocketAddr,
    first: &'static str,
    between: Hook,
}

/// Starts one before `upstream`, and says where it listens. Of each batch it reads the items with the sort key `first`,
/// then `between` happens, then it reads the others.
pub async fn tear(upstream: SocketAddr, first: &'static str, between: Hook) -> SocketAddr {
    let torn = Torn {
        upstream,
        first,
        between,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(answer).with_state(torn);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn answer(State(torn): State<Torn>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let target = parts.headers.get("x-amz-target");
    if !target.is_some_and(|target| target.to_str().unwrap().ends_with(".BatchGetItem")) {
        return forward_to(torn.upstream, parts, body).await;
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let request: Value = serde_json::from_slice(&body).unwrap();
    let (table, batch) = request["RequestItems"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    let keys = batch["Keys"].as_array().unwrap().iter().cloned();
    let (early, late): (Vec<Value>, Vec<Value>) = keys.partition(|key| key["sk"]["S"] == torn.first);
    assert!(
        !early.is_empty() && !late.is_empty(),
        "nothing to tear: {request}"
    );
    let read = async |keys: Vec<Value>| {
        let mut part = request.clone();
        part["RequestItems"][table]["Keys"] = Value::Array(keys);
        let (parts, body) = forward_to(torn.upstream, parts.clone(), part.to_string().into())
            .await
            .into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert!(
            answer["Responses"][table].is_array(),
            "{:?}: {answer}",
            parts.status
        );
        answer
    };
    let mut answer = read(early).await;
    (torn.between)("BatchGetItem".to_owned(), request.to_string()).await;
    let mut late = read(late).await;
    let late = late["Responses"][table].as_array_mut().unwrap();
    answer["Responses"][table].as_array_mut().unwrap().append(late);
    let body = Body::from(answer.to_string());
    let mut response = Response::new(body);
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
