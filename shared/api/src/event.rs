//! A function's event, which can be any JSON value. API Gateway's events (payload format 2.0) are read field by field: an
//! unreadable field does not affect the others. Any other event is only described, for the log.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

mod fields;
mod unsupported;

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, header::COOKIE};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub(crate) use fields::Fields;
use fields::Text;
pub use unsupported::Unsupported;

/// An event. It deserializes from every JSON value.
pub struct Event(pub Kind);

/// Whether API Gateway sent it.
pub enum Kind {
    /// It did.
    Http(Box<HttpEvent>),
    /// It did not.
    Unsupported(Unsupported),
}

/// The fields of an API Gateway event that are used.
#[derive(Default)]
pub struct HttpEvent {
    /// API Gateway's id of the request.
    pub request_id: Option<String>,
    /// The address that API Gateway saw.
    pub source_ip: Option<String>,
    /// Includes the cookies, joined into one `Cookie` field.
    pub headers: HeaderMap,
    /// As received, without the question mark.
    pub query: String,
    /// Parameters of the path that are strings, not decoded.
    pub path_parameters: BTreeMap<String, String>,
    /// Base64 is decoded.
    pub body: Vec<u8>,
}

impl Event {
    /// Describes the event, unless it is an API Gateway event of payload format 2.0.
    #[must_use]
    pub fn unsupported(&self) -> Option<&'static str> {
        match &self.0 {
            Kind::Http(_) => None,
            Kind::Unsupported(event) => Some(event.description),
        }
    }

    fn read(json: &str) -> Self {
        let Some(fields) = Fields::read(json) else {
            return Self(Kind::Unsupported(Unsupported::value(json)));
        };
        let context = fields.object("requestContext");
        let kind = match Unsupported::object(&fields, &context) {
            Some(event) => Kind::Unsupported(event),
            None => Kind::Http(Box::new(HttpEvent::read(&fields, &context))),
        };
        Self(kind)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self::read(json.get()))
    }
}

impl HttpEvent {
    fn read(fields: &Fields, context: &Fields) -> Self {
        Self {
            request_id: context.text("requestId"),
            source_ip: context.object("http").text("sourceIp"),
            headers: headers_and_cookies(fields),
            query: query(fields),
            path_parameters: path_parameters(fields),
            body: body(fields),
        }
    }
}

/// The headers, with the cookies in one `Cookie` field.
pub(crate) fn headers_and_cookies(fields: &Fields) -> HeaderMap {
    let mut headers = headers(&fields.object("headers"));
    if let Some(cookies) = cookies(fields) {
        headers.insert(COOKIE, cookies);
    }
    headers
}

/// An invalid name is dropped. A value is never dropped, because a header that the cross-origin check reads would then
/// count as absent: what a header cannot contain becomes a question mark.
fn headers(fields: &Fields) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields.iter().filter(|(_, value)| value.get() != "null") {
        let Ok(name) = HeaderName::try_from(name) else {
            continue;
        };
        let values = match fields::parse::<Text>(value) {
            Some(text) => vec![text],
            None => fields::parse(value).unwrap_or_else(|| vec![Text("?".to_owned())]),
        };
        headers.remove(&name);
        for Text(text) in values {
            let text = text.replace(|char: char| char.is_ascii_control() && char != '\t', "?");
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.append(&name, value);
            }
        }
    }
    headers
}

/// The cookies as one `Cookie` field, without those that a header cannot contain.
fn cookies(fields: &Fields) -> Option<HeaderValue> {
    let cookies = fields.get("cookies")?;
    let cookies: Vec<String> = match fields::parse::<Vec<&RawValue>>(cookies) {
        Some(list) => list
            .into_iter()
            .filter_map(fields::parse)
            .map(|Text(text)| text)
            .collect(),
        None => fields.text("cookies").into_iter().collect(),
    };
    // An element can contain several cookies.
    let cookies = cookies.iter().flat_map(|element| element.split(';'));
    let cookies = cookies.filter(|cookie| HeaderValue::from_str(cookie).is_ok());
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    HeaderValue::try_from(cookies)
        .ok()
        .filter(|cookies| !cookies.is_empty())
}

/// API Gateway sends the query twice. The raw one is what the browser sent.
fn query(fields: &Fields) -> String {
    fields.text("rawQueryString").unwrap_or_else(|| {
        let parameters = fields.object("queryStringParameters");
        let pairs = parameters.iter().map(|(name, value)| {
            let Text(value) = fields::parse(value).unwrap_or_default();
            format!("{name}={value}")
        });
        pairs.collect::<Vec<_>>().join("&")
    })
}

/// Parameters that are not strings are dropped.
fn path_parameters(fields: &Fields) -> BTreeMap<String, String> {
    let parameters = fields.object("pathParameters");
    let strings = parameters.iter().filter_map(|(name, value)| {
        let Text(value) = fields::parse(value)?;
        Some((name.to_owned(), value))
    });
    strings.collect()
}

/// Invalid base64 is left as it is: no route accepts it.
fn body(fields: &Fields) -> Vec<u8> {
    let text = fields.text("body").unwrap_or_default();
    let encoded = fields.get("isBase64Encoded").and_then(fields::parse) == Some(true);
    let decoded = encoded.then(|| STANDARD.decode(&text).ok()).flatten();
    decoded.unwrap_or_else(|| text.into_bytes())
}

#[cfg(test)]
mod tests;
