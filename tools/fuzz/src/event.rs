//! An API Gateway event as JSON: the whole of what Lambda hands to a function.

use lambda_http::request::LambdaRequest;

use crate::gateway;

pub(crate) fn run(bytes: &[u8]) {
    // An event of another shape comes from no API Gateway: the runtime refuses it before our code sees it.
    if let Ok(request @ LambdaRequest::ApiGatewayV2(_)) = serde_json::from_slice(bytes) {
        gateway::answer(request);
    }
}
