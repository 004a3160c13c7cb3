//! A function in this process, given events without a Lambda around it.

use std::{convert::Infallible, sync::Arc};

use gatecrumb_web::{Environment, Function, edge};
use serde_json::Value;

use crate::{openapi, world};

/// The functions' environment, with DynamoDB at `endpoint` and these changes.
#[must_use]
pub fn environment(endpoint: &str, changes: &[(&str, &str)]) -> Environment {
    let mut variables: std::collections::HashMap<String, String> =
        world::variables(endpoint).into_iter().collect();
    for (name, value) in changes {
        variables.insert((*name).to_owned(), (*value).to_owned());
    }
    Environment::new(move |name| variables.get(name).cloned())
}

/// The function's answer to an event, which is a documented one, its body read as JSON.
pub async fn invoke<F: Function>(function: &Arc<F>, event: &Value) -> Value {
    let json = answer(edge(Arc::clone(function)), event).await;
    let mut answer: Value = serde_json::from_str(&json).unwrap();
    openapi::check_event(event, &answer).unwrap();
    let body = answer["body"].as_str().unwrap_or_default();
    answer["body"] = serde_json::from_str(body).unwrap_or(Value::Null);
    answer
}

async fn answer<S, A>(service: S, event: &Value) -> String
where
    S: lambda_http::Service<
            lambda_http::LambdaEvent<lambda_http::request::LambdaRequest>,
            Response = A,
            Error = Infallible,
        >,
    A: serde::Serialize,
{
    use lambda_http::tower::ServiceExt as _;
    let request = serde_json::from_value(event.clone()).unwrap();
    let Ok(answer) = service
        .oneshot(lambda_http::LambdaEvent::new(
            request,
            lambda_http::Context::default(),
        ))
        .await;
    serde_json::to_string(&answer).unwrap()
}
