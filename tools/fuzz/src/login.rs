//! The JSON body of a sign-in.

use http::{HeaderValue, Method, header::CONTENT_TYPE};
use lambda_http::{aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest};

use crate::gateway;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(body) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut event = ApiGatewayV2httpRequest::default();
    event.body = Some(body.to_owned());
    event
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    event.request_context.http.method = Method::POST;
    let status = gateway::answer(LambdaRequest::ApiGatewayV2(event));
    assert!(matches!(status, 200 | 400 | 413), "{status}");
    assert_eq!(status == 413, body.len() > 8192);
}
