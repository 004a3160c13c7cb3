//! The embedded DynamoDB as an HTTP connector for SDK clients in the same process.

use std::fmt;

use super::{Engine, operations};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

/// Runs each request on the caller's thread. SQLite blocks it for tens of microseconds, less than waking another thread
/// would take.
pub(super) struct Connector(pub(super) Engine);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.respond(&request))
    }
}

impl Connector {
    fn respond(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let body = request.body().bytes().ok_or_else(|| {
            ConnectorError::user("the embedded DynamoDB does not accept streaming bodies".into())
        })?;
        let operation = operations::named(request.headers().get("x-amz-target"));
        // The SDK does not retry errors of the user.
        let (status, json) = self
            .0
            .run(operation, body)
            .map_err(|fault| ConnectorError::user(fault.into()))?;
        let status =
            StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(json));
        response
            .headers_mut()
            .insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }
}

/// Prints no items.
impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}
