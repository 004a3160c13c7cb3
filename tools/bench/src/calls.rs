//! Which calls a request makes and what they consume: a proxy asks the engine for each call's consumed capacity
//! (`ReturnConsumedCapacity`), by DynamoDB's own rule of item sizes. And how much it logs. Not used while times are
//! taken.

use std::{
    env, fs,
    fs::File,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    Result,
    process::{Process, Subject},
};

/// A call: its operation and the units that it consumed.
#[derive(Clone, Debug)]
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

/// What any request of `subject` but the first asks of the table at `endpoint`, and the bytes that it logs.
pub(crate) fn count(subject: &Subject, endpoint: &str) -> Result<(Vec<Consumed>, u64)> {
    let runtime = Runtime::new()?;
    let proxy = Proxy {
        client: Client::builder(TokioExecutor::new()).build_http(),
        upstream: endpoint.to_owned(),
        seen: Arc::default(),
    };
    let app = Router::new().fallback(forward).with_state(proxy.clone());
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { axum::serve(listener, app).await });
    let mut subject = subject.clone();
    for (name, value) in &mut subject.variables {
        if name == "AWS_ENDPOINT_URL_DYNAMODB" {
            *value = format!("http://{address}");
        }
    }
    let path = env::temp_dir().join(format!("gatecrumb-bench-{}.log", std::process::id()));
    let log = File::create(&path)?;
    let mut process = Process::start_with_log(&subject, log.try_clone()?.into())?;
    fs::remove_file(&path)?;
    process.invoke(&subject.event)?;
    proxy.seen().clear();
    let before = log.metadata()?.len();
    process.invoke(&subject.event)?;
    let logged = log.metadata()?.len() - before;
    let mut seen = proxy.seen().clone();
    seen.sort_by(|a, b| a.operation.cmp(&b.operation));
    Ok((seen, logged))
}

impl Proxy {
    fn seen(&self) -> std::sync::MutexGuard<'_, Vec<Consumed>> {
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
    let target = parts
        .headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let operation = target
        .and_then(|target| target.rsplit('.').next())
        .map(str::to_owned);
    if operation.is_some() {
        let mut asked: Value = serde_json::from_slice(&body)?;
        asked["ReturnConsumedCapacity"] = json!("TOTAL");
        body = serde_json::to_vec(&asked)?.into();
        parts.headers.remove("content-length");
    }
    parts.uri = format!("{}/", proxy.upstream).parse()?;
    let answer = proxy
        .client
        .request(Request::from_parts(parts, Full::from(body)))
        .await?;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes();
    if let Some(operation) = operation {
        let answer: Value = serde_json::from_slice(&body)?;
        let consumed = &answer["ConsumedCapacity"];
        let one = |consumed: &Value| consumed["CapacityUnits"].as_f64().unwrap_or_default();
        let units = consumed
            .as_array()
            .map_or_else(|| one(consumed), |all| all.iter().map(one).sum());
        proxy.seen().push(Consumed { operation, units });
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}
