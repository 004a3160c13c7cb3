//! The local gateway for the routes of `gatecrumb_web::routes`. It responds to all other requests as API Gateway does.

mod advice;
pub mod cors;
pub mod event;
mod page;

use std::{net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use gatecrumb_domain::TokenId;
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_web::{
    AllowedOrigins, Event,
    routes::{self, ROUTES},
};
use lambda_http::{Context, LambdaEvent, tower::ServiceExt as _};

use crate::functions::{Function, Functions};

/// API Gateway's limit for a request.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

struct Gateway {
    functions: Functions,
    /// The origins that CORS allows.
    allowed_origins: AllowedOrigins,
}

/// Serves the functions at their routes, and the page at `/`.
pub fn router(functions: Functions, allowed_origins: AllowedOrigins) -> Router {
    let gateway = Gateway {
        functions,
        allowed_origins,
    };
    Router::new().fallback(respond).with_state(Arc::new(gateway))
}

async fn respond(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let allowed = &gateway.allowed_origins;
    if let Some(response) = cors::preflight(&ROUTES, &parts.method, &parts.headers, allowed) {
        advise(&parts, allowed, None);
        return response;
    }
    // The server omits the body of a response to HEAD.
    if matches!(parts.method, Method::GET | Method::HEAD) && parts.uri.path() == "/" {
        return page::response();
    }
    let mut response = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => route(&gateway.functions, &parts, &body, client).await,
        Err(_) => gateway_error(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
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
    let code = response.extensions().get::<event::Code>();
    advise(&parts, allowed, code.map(|code| code.text.as_str()));
    response
}

/// Logs what to do if the page's origin gets in the way of the request.
fn advise(parts: &Parts, allowed: &AllowedOrigins, code: Option<&str>) {
    if let Some(advice) = advice::advice(&parts.headers, allowed, code) {
        let (method, path) = (&parts.method, parts.uri.path());
        tracing::warn!("{method} {path}: {advice}");
    }
}

async fn route(functions: &Functions, parts: &Parts, body: &Bytes, client: SocketAddr) -> Response {
    let Some((route, parameters)) = routes::find(&ROUTES, parts.method.as_str(), parts.uri.path()) else {
        return gateway_error(StatusCode::NOT_FOUND, "Not Found");
    };
    let millis = now().0.saturating_mul(1000);
    let response = async {
        let request_id = TokenId::random(&SystemRandomness).ok()?;
        let route_key = route.key();
        let event = event::Event::new(
            parts,
            body,
            &route_key,
            parameters,
            request_id.as_str(),
            client.ip(),
            millis,
        );
        let response = invoke(functions.get(route.function)?, &event).await?;
        event::response(&response)
    };
    // API Gateway's response when a function fails.
    response
        .await
        .unwrap_or_else(|| gateway_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

/// Sends an event to a function. The event and the response pass through JSON, as on Lambda.
async fn invoke(function: &Function, event: &event::Event<'_>) -> Option<String> {
    let event: Event = serde_json::from_str(&serde_json::to_string(event).ok()?).ok()?;
    let event = LambdaEvent::new(event, Context::default());
    let Ok(response) = function.clone().oneshot(event).await;
    serde_json::to_string(&response).ok()
}

fn gateway_error(status: StatusCode, message: &str) -> Response {
    let mut response = Response::new(Body::from(format!("{{\"message\":\"{message}\"}}")));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
