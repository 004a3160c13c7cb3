//! Which calls a request makes and the capacity that they consume: a proxy sets `ReturnConsumedCapacity` on each call,
//! which the embedded engine computes by DynamoDB's rule of item sizes. And how much a request logs. Not used while
//! times are taken.

use std::{
    env,
    fs::{self, File},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Result, subject::Subject};

/// A call: its operation and the units that it consumed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Consumed {
    pub(crate) operation: String,
    pub(crate) units: f64,
}

impl Consumed {
    /// Reads are counted in read units, everything else in write units.
    pub(crate) fn reads(&self) -> bool {
        matches!(self.operation.as_str(), "GetItem" | "BatchGetItem" | "Query")
    }
}

#[derive(Clone)]
struct Proxy {
    client: Client<HttpConnector, Full<Bytes>>,
    upstream: String,
    seen: Arc<Mutex<Vec<Consumed>>>,
}

/// The calls of a warm request to the table at `endpoint`, and the bytes that it logs.
pub(crate) async fn count(subject: &Subject, endpoint: &str) -> Result<(Vec<Consumed>, u64)> {
    let proxy = Proxy {
        client: Client::builder(TokioExecutor::new()).build_http(),
        upstream: format!("{endpoint}/"),
        seen: Arc::default(),
    };
    let app = Router::new().fallback(forward).with_state(proxy.clone());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut subject = subject.clone();
    subject.variables.retain(|(name, _)| name != "AWS_CA_BUNDLE");
    let variable = ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), address);
    subject.variables.push(variable);

    let path = env::temp_dir().join(format!("gatecrumb-bench-{}.log", std::process::id()));
    let log = File::create(&path)?;
    let (mut process, _) = subject.start(log.try_clone()?.into()).await?;
    fs::remove_file(&path)?;
    subject.invoke(&mut process).await?;
    proxy.seen().clear();
    let before = log.metadata()?.len();
    subject.invoke(&mut process).await?;
    let logged = log.metadata()?.len() - before;
    let mut seen = proxy.seen().clone();
    seen.sort_by(|a, b| a.operation.cmp(&b.operation));
    Ok((seen, logged))
}

impl Proxy {
    fn seen(&self) -> MutexGuard<'_, Vec<Consumed>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn forward(State(proxy): State<Proxy>, request: Request) -> Response {
    match pass_on(&proxy, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn pass_on(proxy: &Proxy, request: Request) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let mut body = to_bytes(body, usize::MAX).await?;
    // What has no target only opens the connection.
    let target = parts.headers.get("x-amz-target").cloned();
    if target.is_some() {
        let mut request: Value = serde_json::from_slice(&body)?;
        request["ReturnConsumedCapacity"] = json!("TOTAL");
        body = request.to_string().into();
        parts.headers.remove("content-length");
    }
    parts.uri = proxy.upstream.parse()?;
    let request = Request::from_parts(parts, Full::from(body));
    let (parts, body) = proxy.client.request(request).await?.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await?;
    if let Some(target) = target {
        let operation = target.to_str()?.rsplit('.').next().unwrap_or_default();
        let response: Value = serde_json::from_slice(&body)?;
        proxy.seen().push(Consumed {
            operation: operation.to_owned(),
            units: units(&response["ConsumedCapacity"]),
        });
    }
    Ok(Response::from_parts(parts, body.into()))
}

/// Of one table, or of each table of a batch.
fn units(consumed: &Value) -> f64 {
    let one = |consumed: &Value| consumed["CapacityUnits"].as_f64().unwrap_or_default();
    match consumed.as_array() {
        Some(tables) => tables.iter().map(one).sum(),
        None => one(consumed),
    }
}
