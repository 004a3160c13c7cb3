//! What API Gateway does for `template.yaml`: routes, CORS, the authorizer, events.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use gatecrumb_domain::TokenId;
use gatecrumb_local::gateway::{
    cors,
    event::{self, Event},
};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_web::{
    AllowedOrigins,
    routes::{self, Route},
};
use serde_json::{Value, json};

use crate::Function;

/// API Gateway's limit for a request.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// The route behind the authorizer. The others verify the token themselves.
const SESSION: &str = "session";

/// The routes of `template.yaml`.
pub const ROUTES: [Route; 6] = [
    route("notes", "GET", "/notes"),
    route("notes", "POST", "/notes"),
    route("notes", "DELETE", "/notes"),
    route("notes", "DELETE", "/notes/{id}"),
    route("notes", "GET", "/notes/counts"),
    route(SESSION, "GET", "/notes/session"),
];

const fn route(function: &'static str, method: &'static str, path: &'static str) -> Route {
    Route {
        function,
        method,
        path,
        signs: false,
        throttles: false,
    }
}

/// The functions of the stack, and the authorizer of the other one.
pub(crate) struct Functions {
    pub(crate) notes: Function,
    pub(crate) authorizer: Function,
    pub(crate) session: Function,
}

struct Gateway {
    functions: Functions,
    allowed_origins: AllowedOrigins,
}

pub(crate) fn router(functions: Functions, allowed_origins: AllowedOrigins) -> Router {
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
    let (parts, body) = request.into_parts();
    let allowed = &gateway.allowed_origins;
    if let Some(response) = cors::preflight(&ROUTES, &parts.method, &parts.headers, allowed) {
        return response;
    }
    let response = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => gateway.functions.route(&parts, &body, client).await,
        Err(_) => Err(StatusCode::PAYLOAD_TOO_LARGE),
    };
    let mut response = response.unwrap_or_else(gateway_error);
    cors::permit(&parts.headers, allowed, &mut response);
    let (method, path) = (&parts.method, parts.uri.path());
    tracing::info!("{method} {path} {}", response.status().as_u16());
    response
}

impl Functions {
    /// The function's response, or the status with which API Gateway itself responds.
    async fn route(&self, parts: &Parts, body: &Bytes, client: SocketAddr) -> Result<Response, StatusCode> {
        let found = routes::find(&ROUTES, parts.method.as_str(), parts.uri.path());
        let (route, parameters) = found.ok_or(StatusCode::NOT_FOUND)?;
        let failed = StatusCode::INTERNAL_SERVER_ERROR;
        let id = TokenId::random(&SystemRandomness).map_err(|_| failed)?;
        let millis = now().0.saturating_mul(1000);
        let key = route.key();
        let event = Event::new(parts, body, &key, parameters, id.as_str(), client.ip(), millis);
        let mut event = serde_json::to_value(event).map_err(|_| failed)?;
        let function = if route.function == SESSION {
            event["requestContext"]["authorizer"]["lambda"] = self.authorize(&event).await?;
            &self.session
        } else {
            &self.notes
        };
        let response = function(event).await.ok_or(failed)?;
        event::response(&response.to_string()).ok_or(failed)
    }

    /// What the authorizer knows about the caller. A denial is 403, a fault 500.
    async fn authorize(&self, event: &Value) -> Result<Value, StatusCode> {
        let event = json!({
            "version": "2.0",
            "type": "REQUEST",
            "routeArn": "arn:aws:execute-api:local:000000000000:local/$default/GET/notes/session",
            "identitySource": null,
            "routeKey": event["routeKey"],
            "rawPath": event["rawPath"],
            "rawQueryString": event["rawQueryString"],
            "cookies": event["cookies"],
            "headers": event["headers"],
            "requestContext": event["requestContext"],
        });
        let decision = (self.authorizer)(event).await;
        let mut decision = decision.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        if decision["isAuthorized"] == true {
            Ok(decision["context"].take())
        } else {
            Err(StatusCode::FORBIDDEN)
        }
    }
}

/// A response of API Gateway itself.
fn gateway_error(status: StatusCode) -> Response {
    let message = status.canonical_reason().unwrap_or_default();
    let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
