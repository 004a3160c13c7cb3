use http::{HeaderMap, HeaderValue, header::COOKIE};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::event::{self, Fields, Unsupported};

/// The event of a Lambda authorizer. It deserializes from every JSON value.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>
pub struct AuthorizerEvent(pub Result<AuthorizerRequest, NotARequest>);

/// The fields of a REQUEST authorizer's event, payload format 2.0, that are used.
#[derive(Clone, Debug, Default)]
pub struct AuthorizerRequest {
    /// API Gateway's id of the guarded request.
    pub request_id: Option<String>,
    /// As received. `None` if it cannot be read.
    pub method: Option<String>,
    headers: HeaderMap,
}

/// Another event, described for the log. Contains nothing of the event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotARequest(pub &'static str);

impl AuthorizerRequest {
    /// All headers, the cookies joined into one `Cookie` field.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The values of the `Cookie` fields.
    pub fn cookies(&self) -> impl Iterator<Item = &[u8]> {
        self.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes)
    }
}

impl AuthorizerEvent {
    fn read(json: &str) -> Result<AuthorizerRequest, NotARequest> {
        let Some(fields) = Fields::read(json) else {
            return Err(NotARequest(Unsupported::value(json).description));
        };
        let is = |name: &str, expected: &str| fields.text(name).as_deref() == Some(expected);
        if fields.has("methodArn") {
            return Err(NotARequest(
                "an authorizer's event of a REST API or of payload format 1.0",
            ));
        }
        if !(is("version", "2.0") && is("type", "REQUEST") && fields.has("routeArn")) {
            return Err(NotARequest("not an event of a REQUEST authorizer"));
        }
        let context = fields.object("requestContext");
        Ok(AuthorizerRequest {
            request_id: context.text("requestId"),
            method: context.object("http").text("method"),
            headers: event::headers_and_cookies(&fields),
        })
    }
}

impl<'de> Deserialize<'de> for AuthorizerEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(Self::read(json.get())))
    }
}
