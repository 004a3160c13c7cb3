//! Splits `BatchGetItem`, which in the real DynamoDB is not a snapshot. The embedded one reads all keys under one lock.

use axum::body::Body;
use hyper::{Response, header};
use serde_json::Value;

use super::{Call, Handler, Reply};

/// Reads each batch in two parts: first the items with the sort key `first`, then, after `between`, the others.
pub struct SplitBatches<F> {
    /// The sort key of the items that are read first.
    pub first: &'static str,
    /// What happens between the two reads.
    pub between: F,
}

impl<F, R> Handler for SplitBatches<F>
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send,
{
    async fn handle(&self, call: Call) -> Reply {
        if call.operation != "BatchGetItem" {
            return call.pass().await;
        }
        let request = call.request();
        let (table, batch) = request["RequestItems"]
            .as_object()
            .unwrap()
            .iter()
            .next()
            .unwrap();
        let keys = batch["Keys"].as_array().unwrap().iter().cloned();
        let (early, late): (Vec<Value>, Vec<Value>) = keys.partition(|key| key["sk"]["S"] == self.first);
        assert!(
            !early.is_empty() && !late.is_empty(),
            "nothing to split: {request}"
        );
        let read = async |keys: Vec<Value>| {
            let mut part = request.clone();
            part["RequestItems"][table]["Keys"] = Value::Array(keys);
            let (status, answer) = call.send_instead(&part).await?;
            assert!(answer["Responses"][table].is_array(), "{status}: {answer}");
            Ok(answer)
        };
        let mut answer = read(early).await?;
        (self.between)().await;
        let mut late = read(late).await?;
        let late = late["Responses"][table].as_array_mut().unwrap();
        answer["Responses"][table].as_array_mut().unwrap().append(late);
        let response = Response::builder().header(header::CONTENT_TYPE, "application/x-amz-json-1.0");
        Ok(response.body(Body::from(answer.to_string())).unwrap())
    }
}
