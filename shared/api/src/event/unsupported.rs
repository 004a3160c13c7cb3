//! Describes events of other services, so that the log shows how a function is misconfigured.

use serde_json::value::RawValue;

use super::fields::{self, Fields};

/// An event that is not an HTTP request of payload format 2.0.
pub struct Unsupported {
    /// Never contains anything from the event.
    pub description: &'static str,
    /// Whether it only keeps the function warm.
    pub is_ping: bool,
    /// The id of an HTTP request, if it is one.
    pub request_id: Option<String>,
}

/// Services that send lists of records, by `eventSource`.
const RECORDS: [(&str, &str); 6] = [
    ("aws:dynamodb", "records of a DynamoDB stream"),
    ("aws:kinesis", "records of Kinesis"),
    ("aws:s3", "a notification of S3"),
    ("aws:ses", "a message of SES"),
    ("aws:sns", "a message of SNS"),
    ("aws:sqs", "messages of SQS"),
];

impl Unsupported {
    /// A value that is not an object.
    pub(crate) fn value(json: &str) -> Self {
        let description = match json.trim_start().as_bytes().first() {
            Some(b'n') => "null",
            Some(b'[') => "an array",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "a boolean",
            Some(b'{') => "an unreadable object",
            _ => "a number",
        };
        Self {
            description,
            is_ping: description == "null",
            request_id: None,
        }
    }

    /// `None` if the object is an HTTP request.
    pub(super) fn object(fields: &Fields, context: &Fields) -> Option<Self> {
        let unsupported = |description, is_ping| {
            Some(Self {
                description,
                is_ping,
                request_id: context.text("requestId"),
            })
        };
        if let Some(description) = from_http_service(fields, context) {
            return unsupported(description, false);
        }
        let version_2 = fields.text("version").as_deref() == Some("2.0");
        if context.has("http") || version_2 && (fields.has("rawPath") || fields.has("routeKey")) {
            return None;
        }
        if let Some(description) = ping(fields) {
            return unsupported(description, true);
        }
        unsupported(from_other_service(fields), false)
    }
}

/// Other services that invoke functions for HTTP requests.
fn from_http_service(fields: &Fields, context: &Fields) -> Option<&'static str> {
    if fields.has("routeArn") || fields.has("methodArn") {
        return Some("a request to a Lambda authorizer");
    }
    if context.has("elb") {
        return Some("a request of an Application Load Balancer");
    }
    if context.has("connectionId") {
        return Some("a message of a WebSocket API");
    }
    if context.has("serviceArn") || fields.has("raw_path") {
        return Some("a request of VPC Lattice");
    }
    let version_1 = fields.text("version").as_deref() == Some("1.0");
    if !context.has("http") && (version_1 || fields.has("httpMethod") || context.has("resourcePath")) {
        return Some("a request in payload format 1.0 (a REST API, or an HTTP API that is set to it)");
    }
    None
}

/// Schedules and plugins that keep functions warm, and invocations without an event.
fn ping(fields: &Fields) -> Option<&'static str> {
    if fields.is_empty() {
        return Some("an empty object");
    }
    if fields.text("detail-type").as_deref() == Some("Scheduled Event") {
        return Some("a schedule of EventBridge");
    }
    let is_warm = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("warm") || text == "ping"
    };
    let by_name =
        |(name, value): (&str, &RawValue)| is_warm(name) && !matches!(value.get(), "null" | "false");
    let by_value = |name| fields.text(name).is_some_and(|text| is_warm(&text));
    let is_ping = fields.iter().any(by_name) || ["action", "source", "type"].into_iter().any(by_value);
    is_ping.then_some("a warm-up ping")
}

fn from_other_service(fields: &Fields) -> &'static str {
    let records: Vec<&RawValue> = fields.get("Records").and_then(fields::parse).unwrap_or_default();
    if let Some(first) = records.first() {
        let record = Fields::read(first.get()).unwrap_or_default();
        let source = record.text("eventSource").or_else(|| record.text("EventSource"));
        let known = RECORDS
            .into_iter()
            .find(|(known, _)| source.as_deref() == Some(known));
        return known.map_or("a list of records", |(_, description)| description);
    }
    for (field, description) in [
        ("detail-type", "an event of EventBridge"),
        ("awslogs", "lines of CloudWatch Logs"),
        ("triggerSource", "a trigger of Cognito"),
        ("ResponseURL", "a custom resource of CloudFormation"),
    ] {
        if fields.has(field) {
            return description;
        }
    }
    "an unknown object"
}
