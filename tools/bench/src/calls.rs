//! The calls of a request and the capacity that they consume, and how much the request logs. A proxy sets
//! `ReturnConsumedCapacity` on each call; the embedded engine computes it by DynamoDB's rule of item sizes. Not used
//! while times are measured.

use std::{
    env,
    fs::{self, File},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{body::Body, http::header::CONTENT_TYPE, response::Response};
use gatecrumb_testkit::dynamodb_proxy::{Call, Disconnect, DynamoDbProxy, Handler, Reply};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Result, subject::Subject};

/// A call: its operation and the units that it consumed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Consumed {
    pub(crate) operation: String,
    pub(crate) units: f64,
}

impl Consumed {
    /// Read units for reads, write units for everything else.
    pub(crate) fn reads(&self) -> bool {
        matches!(self.operation.as_str(), "GetItem" | "BatchGetItem" | "Query")
    }
}

/// The calls of a warm request to the table at `dynamodb`, and the bytes that it logs.
pub(crate) async fn count(subject: &Subject, dynamodb: SocketAddr) -> Result<(Vec<Consumed>, u64)> {
    let counter = Counter::default();
    let proxy = DynamoDbProxy::start(dynamodb, counter.clone()).await;
    let mut subject = subject.clone();
    subject.variables.retain(|(name, _)| name != "AWS_CA_BUNDLE");
    let variable = ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), proxy.endpoint());
    subject.variables.push(variable);

    let path = env::temp_dir().join(format!("gatecrumb-bench-{}.log", std::process::id()));
    let log = File::create(&path)?;
    let (mut process, _) = subject.start(log.try_clone()?.into()).await?;
    fs::remove_file(&path)?;
    subject.invoke(&mut process).await?;
    counter.seen().clear();
    let before = log.metadata()?.len();
    subject.invoke(&mut process).await?;
    let logged = log.metadata()?.len() - before;
    let mut seen = counter.seen().clone();
    seen.sort_by(|a, b| a.operation.cmp(&b.operation));
    Ok((seen, logged))
}

/// Passes every call on and records what it consumed. Clones share the list.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<Vec<Consumed>>>);

impl Counter {
    fn seen(&self) -> MutexGuard<'_, Vec<Consumed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler for Counter {
    async fn handle(&self, call: Call) -> Reply {
        let mut request = call.request();
        request["ReturnConsumedCapacity"] = json!("TOTAL");
        let (status, response) = call.send_instead(&request).await?;
        self.seen().push(Consumed {
            operation: call.operation,
            units: units(&response["ConsumedCapacity"]),
        });
        Response::builder()
            .status(status)
            .header(CONTENT_TYPE, "application/x-amz-json-1.0")
            .body(Body::from(response.to_string()))
            .map_err(|_| Disconnect)
    }
}

/// Of one table, or of each table of a batch.
fn units(consumed: &Value) -> f64 {
    let one = |consumed: &Value| consumed["CapacityUnits"].as_f64().unwrap_or_default();
    match consumed.as_array() {
        Some(tables) => tables.iter().map(one).sum(),
        None => one(consumed),
    }
}
