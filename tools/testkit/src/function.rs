//! Invokes a function in this process, without Lambda's Runtime API.

use std::convert::Infallible;

use gatecrumb_runtime::Environment;
use gatecrumb_web::{Event, Handler, HttpService};
use serde_json::Value;

use crate::{fixtures, openapi};

/// The functions' environment, with DynamoDB at `endpoint` and these changes.
#[must_use]
pub fn environment(endpoint: &str, changes: &[(&str, &str)]) -> Environment {
    let mut variables: std::collections::HashMap<String, String> =
        fixtures::variables(endpoint).into_iter().collect();
    for (name, value) in changes {
        variables.insert((*name).to_owned(), (*value).to_owned());
    }
    Environment::new(move |name| variables.get(name).cloned())
}

/// The function's response to an event, with its body parsed. Panics if `openapi.yaml` does not document it.
pub async fn invoke<H: Handler>(function: &HttpService<H>, event: &Value) -> Value {
    let mut answer = invoke_until(function, event, 0).await;
    openapi::check_event(event, &answer).unwrap();
    let body = answer["body"].as_str().unwrap_or_default();
    answer["body"] = serde_json::from_str(body).unwrap_or(Value::Null);
    answer
}

/// The function's response to any event, as Lambda would get it. `deadline`: milliseconds since the epoch, 0 for none.
pub async fn invoke_until<H: Handler>(function: &HttpService<H>, event: &Value, deadline: u64) -> Value {
    use lambda_http::tower::ServiceExt as _;
    let event: Event = serde_json::from_value(event.clone()).unwrap();
    let mut context = lambda_http::Context::default();
    context.deadline = deadline;
    "the-invocation-id".clone_into(&mut context.request_id);
    let event = lambda_http::LambdaEvent::new(event, context);
    let answered: Result<_, Infallible> = function.clone().oneshot(event).await;
    let Ok(answer) = answered;
    serde_json::to_value(&answer).unwrap()
}
