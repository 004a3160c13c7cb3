//! Between the SDK and the embedded DynamoDB: sees every call before it goes on, and can do something first.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::request::Parts,
    response::Response,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::net::TcpListener;

/// What happens before a call goes on, given the operation (`PutItem`) and the request's JSON.
pub type Hook = Arc<dyn Fn(String, String) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Starts one before `upstream` and returns where it listens.
pub async fn interpose(upstream: SocketAddr, hook: Hook) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(forward).with_state((upstream, hook));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn forward(State((upstream, hook)): State<(SocketAddr, Hook)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    // What has no target only opens the connection.
    if let Some(target) = parts.headers.get("x-amz-target") {
        let operation = target.to_str().unwrap().rsplit('.').next().unwrap().to_owned();
        hook(operation, String::from_utf8_lossy(&body).into_owned()).await;
    }
    forward_to(upstream, parts, body).await
}

/// Sends a request on, and brings the answer back whole.
pub(crate) async fn forward_to(upstream: SocketAddr, mut parts: Parts, body: Bytes) -> Response {
    parts.uri = format!("http://{upstream}/").parse().unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let response = client
        .request(Request::from_parts(parts, Full::from(body)))
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Body::from(body.collect().await.unwrap().to_bytes()))
}
