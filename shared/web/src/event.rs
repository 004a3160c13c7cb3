//! What Lambda hands to a function: any JSON at all. API Gateway's events (payload format 2.0) are read field by
//! field, so that a field which cannot be read costs that field alone; everything else is told by what it is.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

mod fields;
mod foreign;

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, header::COOKIE};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use fields::{Fields, Text};
pub(crate) use foreign::Foreign;

/// An event. Every JSON value is one.
pub struct Event(pub(crate) Kind);

pub(crate) enum Kind {
    Http(Box<HttpEvent>),
    Foreign(Foreign),
}

/// The fields of an HTTP request that anything reads.
#[derive(Default)]
pub(crate) struct HttpEvent {
    pub(crate) request_id: Option<String>,
    pub(crate) source_ip: Option<String>,
    /// The cookies among them, in one field.
    pub(crate) headers: HeaderMap,
    /// As it came, without the question mark.
    pub(crate) query: String,
    /// By their names.
    pub(crate) path_parameters: BTreeMap<String, String>,
    /// Decoded, where it came in base64.
    pub(crate) body: Vec<u8>,
}

impl Event {
    /// What the event is when it is no API Gateway event of payload format 2.0.
    #[must_use]
    pub fn foreign(&self) -> Option<&'static str> {
        match &self.0 {
            Kind::Http(_) => None,
            Kind::Foreign(foreign) => Some(foreign.came),
        }
    }

    fn read(json: &str) -> Self {
        let Some(fields) = Fields::read(json) else {
            return Self(Kind::Foreign(Foreign::value(json)));
        };
        let context = fields.object("requestContext");
        let kind = match Foreign::object(&fields, &context) {
            Some(foreign) => Kind::Foreign(foreign),
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
        let mut headers = headers(&fields.object("headers"));
        if let Some(cookies) = cookies(fields) {
            headers.insert(COOKIE, cookies);
        }
        Self {
            request_id: context.text("requestId"),
            source_ip: context.object("http").text("sourceIp"),
            headers,
            query: query(fields),
            path_parameters: path_parameters(fields),
            body: body(fields),
        }
    }
}

/// A name that is none is dropped. A value is never dropped, or a header that the guard against cross-site requests
/// goes by would count as absent: what no header may hold becomes a question mark.
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

/// The cookies as one `Cookie` field, without those that no header may hold.
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
    // An element may hold several cookies: they are joined into one field again.
    let cookies = cookies.iter().flat_map(|element| element.split(';'));
    let cookies = cookies.filter(|cookie| HeaderValue::from_str(cookie).is_ok());
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    HeaderValue::try_from(cookies)
        .ok()
        .filter(|cookies| !cookies.is_empty())
}

/// API Gateway sends the query twice; the raw one is what the browser sent.
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

/// Those that are strings.
fn path_parameters(fields: &Fields) -> BTreeMap<String, String> {
    let parameters = fields.object("pathParameters");
    let strings = parameters.iter().filter_map(|(name, value)| {
        let Text(value) = fields::parse(value)?;
        Some((name.to_owned(), value))
    });
    strings.collect()
}

/// Base64 that is none is left as the text it is: no route takes it.
fn body(fields: &Fields) -> Vec<u8> {
    let text = fields.text("body").unwrap_or_default();
    let encoded = fields.get("isBase64Encoded").and_then(fields::parse) == Some(true);
    let decoded = encoded.then(|| STANDARD.decode(&text).ok()).flatten();
    decoded.unwrap_or_else(|| text.into_bytes())
}

#[cfg(test)]
mod tests;
