//! Calls that fail as the real DynamoDB and the network to it do.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use serde_json::json;

use super::{Call, Handler, Reply};

/// What happens to a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// No response ever comes.
    Hang,
    /// The response comes late.
    Slow(Duration),
    /// The connection breaks in the middle of a response, and the call has no effect.
    Reset,
    /// `InternalServerError`.
    Internal,
    /// `ProvisionedThroughputExceededException`.
    Throttled,
    /// `TransactionConflictException`.
    Conflict,
    /// Every transaction conflicts with another one and is canceled. All other calls pass.
    Contended,
    /// The call takes effect, and the connection breaks in the middle of the response.
    LostAnswer,
    /// 200 with a body that is not a response of DynamoDB's.
    Garbage,
    /// This status and body.
    Says(u16, &'static str),
    /// 400 `InvalidSignatureException`.
    Signature,
}

impl Fault {
    /// Faults that a correct client survives or reports as unavailable.
    pub const ALL: [Self; 8] = [
        Self::Hang,
        Self::Slow(Duration::from_millis(150)),
        Self::Reset,
        Self::Internal,
        Self::Throttled,
        Self::Conflict,
        Self::LostAnswer,
        Self::Garbage,
    ];

    /// Responses that DynamoDB never sends, whatever the operation: an empty or truncated body, not an object, without
    /// the requested data, an error without its type or with another status.
    pub const MALFORMED: [Self; 25] = [
        Self::Says(200, ""),
        Self::Says(200, " "),
        Self::Says(200, "{}"),
        Self::Says(200, "[]"),
        Self::Says(200, "[{}]"),
        Self::Says(200, "null"),
        Self::Says(200, "true"),
        Self::Says(200, "\"x\""),
        Self::Says(200, "1"),
        Self::Says(200, "{"),
        Self::Says(200, "{\"ConsumedCapacity\":{\"TableName\":\"gatecrumb\"}"),
        Self::Says(200, "{\"ConsumedCapacity\":null}"),
        Self::Says(200, "{\"message\":\"not found\"}"),
        Self::Says(200, "<!doctype html><title>Sign in to this network</title>"),
        Self::Says(202, "{}"),
        Self::Says(204, ""),
        Self::Says(302, ""),
        Self::Says(400, ""),
        Self::Says(400, "{}"),
        Self::Says(400, "[]"),
        Self::Says(400, "<!doctype html>"),
        Self::Says(400, "{\"__type\":null}"),
        Self::Says(403, CONDITION),
        Self::Says(404, ""),
        Self::Says(503, CONDITION),
    ];
}

const CONDITION: &str =
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\",\"message\":\"no\"}";

/// Passes every call on unless a failure is planned. Clones share the plan.
#[derive(Clone, Default)]
pub struct Faults {
    plan: Arc<Mutex<Option<Plan>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

struct Plan {
    fault: Fault,
    calls: usize,
    /// The operation that fails; `None`: every operation.
    operation: Option<String>,
}

impl Faults {
    /// The next `calls` calls fail with this fault.
    pub fn fail(&self, fault: Fault, calls: usize) {
        self.plan(fault, calls, None);
    }

    /// Every call of this operation, such as `GetItem`, fails with this fault.
    pub fn fail_operation(&self, fault: Fault, operation: &str) {
        self.plan(fault, usize::MAX, Some(operation.to_owned()));
    }

    /// From now on no call fails.
    pub fn stop(&self) {
        *self.plan.lock().unwrap() = None;
    }

    /// Takes the operations called so far.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    fn plan(&self, fault: Fault, calls: usize, operation: Option<String>) {
        *self.plan.lock().unwrap() = Some(Plan {
            fault,
            calls,
            operation,
        });
    }

    fn next(&self, operation: &str) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        let plan = plan.as_mut().filter(|plan| plan.calls > 0)?;
        if plan.operation.as_deref().is_some_and(|only| only != operation) {
            return None;
        }
        plan.calls -= 1;
        Some(plan.fault)
    }
}

impl Handler for Faults {
    async fn handle(&self, call: Call) -> Reply {
        let fault = self.next(&call.operation);
        self.seen.lock().unwrap().push(call.operation.clone());
        Ok(match fault {
            Some(Fault::Contended) if call.operation == "TransactWriteItems" => canceled(),
            None | Some(Fault::Contended) => call.pass().await?,
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Slow(delay)) => {
                tokio::time::sleep(delay).await;
                call.pass().await?
            }
            Some(Fault::Reset) => broken(),
            Some(Fault::Internal) => error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
            Some(Fault::Throttled) => {
                error(StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException")
            }
            Some(Fault::Conflict) => error(StatusCode::BAD_REQUEST, "TransactionConflictException"),
            Some(Fault::LostAnswer) => {
                call.pass().await?;
                broken()
            }
            Some(Fault::Garbage) => "<!doctype html>".into_response(),
            Some(Fault::Says(status, body)) => says(status, body),
            Some(Fault::Signature) => error(StatusCode::BAD_REQUEST, "InvalidSignatureException"),
        })
    }
}

fn error(status: StatusCode, code: &str) -> Response {
    let body = json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
        "message": "requested by the test",
    });
    let headers = [("content-type", "application/x-amz-json-1.0")];
    (status, headers, body.to_string()).into_response()
}

fn canceled() -> Response {
    let none = json!({ "Code": "None" });
    let conflict = json!({ "Code": "TransactionConflict", "Message": "requested by the test" });
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "requested by the test",
        "CancellationReasons": [none, conflict, none],
    });
    let headers = [("content-type", "application/x-amz-json-1.0")];
    (StatusCode::BAD_REQUEST, headers, body.to_string()).into_response()
}

/// The header names an error that would end a session if a client trusted the header without the body.
fn says(status: u16, body: &'static str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let headers = [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amzn-errortype", "ConditionalCheckFailedException"),
    ];
    (status, headers, body).into_response()
}

/// Declares a longer body than it sends, and closes the connection.
fn broken() -> Response {
    let start = Ok(Bytes::from_static(b"{\"It"));
    let end = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    let headers = [
        ("content-type", "application/x-amz-json-1.0"),
        ("content-length", "1000"),
    ];
    (headers, Body::from_stream(stream::iter([start, end]))).into_response()
}
