//! The local gateway: routes as in `template.yaml`, everything else as API Gateway answers it.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use gatecrumb_domain::TokenId;
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_web::{AllowedOrigins, Event, Handler, HttpService};
use lambda_http::{Context, LambdaEvent, Service, tower::ServiceExt as _};
use serde::Serialize;

use super::{cors, event, page};

/// As API Gateway's limit for a request.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// The four functions, and whom API Gateway's CORS allows.
pub(super) struct Functions {
    pub(super) allowed_origins: AllowedOrigins,
    pub(super) login: HttpService<login::Login>,
    pub(super) refresh: HttpService<refresh::Refresh>,
    pub(super) me: HttpService<me::Me>,
    pub(super) logout: HttpService<logout::Logout>,
}

pub(super) fn router(functions: Functions) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(functions))
}

async fn answer(
    State(functions): State<Arc<Functions>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let allowed = &functions.allowed_origins;
    if let Some(response) = cors::preflight(&parts.method, &parts.headers, allowed) {
        return response;
    }
    if parts.method == Method::GET && parts.uri.path() == "/" {
        return page::answer();
    }
    let mut response = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => route(&functions, &parts, &body, client).await,
        Err(_) => of_the_gateway(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
    };
    cors::permit(&parts.headers, allowed, &mut response);
    let (method, path, status) = (&parts.method, parts.uri.path(), response.status().as_u16());
    let code = response
        .extensions()
        .get::<event::Code>()
        .map(|code| format!(" {}", code.text))
        .unwrap_or_default();
    tracing::info!(
        "{method} {path} {status}{code} ({} ms)",
        started.elapsed().as_millis()
    );
    response
}

async fn route(functions: &Functions, parts: &Parts, body: &Bytes, client: SocketAddr) -> Response {
    let route_key = format!("{} {}", parts.method, parts.uri.path());
    match route_key.as_str() {
        "POST /auth/login" => invoke(&functions.login, parts, body, &route_key, client).await,
        "POST /auth/refresh" => invoke(&functions.refresh, parts, body, &route_key, client).await,
        "GET /auth/me" => invoke(&functions.me, parts, body, &route_key, client).await,
        "POST /auth/logout" => invoke(&functions.logout, parts, body, &route_key, client).await,
        _ => of_the_gateway(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// One event to a function and its answer back, each as the JSON that Lambda would carry.
async fn invoke<H: Handler>(
    function: &HttpService<H>,
    parts: &Parts,
    body: &Bytes,
    route_key: &str,
    client: SocketAddr,
) -> Response {
    let answer = async {
        let request_id = TokenId::random(&SystemRandomness).ok()?;
        let millis = now().0.saturating_mul(1000);
        let event = event::Event::new(parts, body, route_key, request_id.as_str(), client.ip(), millis);
        let request: Event = serde_json::from_str(&serde_json::to_string(&event).ok()?).ok()?;
        let event = LambdaEvent::new(request, Context::default());
        event::response(&call(function.clone(), event).await?)
    };
    // What API Gateway says when a function fails.
    answer
        .await
        .unwrap_or_else(|| of_the_gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

async fn call<S, A>(service: S, event: LambdaEvent<Event>) -> Option<String>
where
    S: Service<LambdaEvent<Event>, Response = A, Error = Infallible>,
    A: Serialize,
{
    let Ok(answer) = service.oneshot(event).await;
    serde_json::to_string(&answer).ok()
}

fn of_the_gateway(status: StatusCode, message: &str) -> Response {
    let mut response = Response::new(Body::from(format!("{{\"message\":\"{message}\"}}")));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
