//! One JSON object per line, for CloudWatch: the fields of the event and of its span. Some events also carry a metric in
//! the embedded metric format.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::{fmt, io::Write as _};

use gatecrumb_domain::{Clock as _, Timestamp};
use serde_json::{Map, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    fmt::MakeWriter,
    layer::{Context, Layer},
    registry::LookupSpan,
};

use crate::SystemClock;

/// The CloudWatch namespace of the metrics.
pub const METRIC_NAMESPACE: &str = "gatecrumb";
/// Events that are counted. Each is a metric with the event's name and the dimension `FunctionName`.
pub const METRICS: [&str; 4] = [
    "refresh_repeated",
    "session_reused",
    "sign_in_failed",
    "sign_in_throttled",
];

/// Writes the lines.
pub(super) struct Json<W> {
    writer: W,
    /// The dimension of the metrics. Without it there are no metrics.
    function_name: Option<String>,
}

impl<W> Json<W> {
    pub(super) fn new(writer: W, function_name: Option<String>) -> Self {
        Self {
            writer,
            function_name,
        }
    }

    /// Adds the fields that make CloudWatch count the event.
    fn metric(&self, event: &str, millis: u64, line: &mut Map<String, Value>) {
        let Some(function) = self.function_name.as_ref().filter(|_| METRICS.contains(&event)) else {
            return;
        };
        let directive = json!({
            "Namespace": METRIC_NAMESPACE,
            "Dimensions": [["FunctionName"]],
            "Metrics": [{ "Name": event, "Unit": "Count" }],
        });
        line.insert(
            "_aws".to_owned(),
            json!({ "Timestamp": millis, "CloudWatchMetrics": [directive] }),
        );
        line.insert("FunctionName".to_owned(), json!(function));
        line.insert(event.to_owned(), json!(1));
    }
}

/// A span's fields, kept with it.
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for Json<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Map::new();
        attributes.record(&mut Visitor(&mut fields));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Fields(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let millis = SystemClock.now_millis();
        let mut line = Map::new();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Fields(fields)) = span.extensions().get() {
                line.extend(fields.clone());
            }
        }
        event.record(&mut Visitor(&mut line));
        if let Some(name) = line.get("event").and_then(Value::as_str).map(str::to_owned) {
            self.metric(&name, millis, &mut line);
        }
        line.insert("timestamp".to_owned(), json!(rfc3339_millis(millis)));
        line.insert("level".to_owned(), json!(event.metadata().level().as_str()));
        // Strings are escaped, so a value cannot start another line.
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // A failure to write the log cannot be reported anywhere.
        let _ = self.writer.make_writer().write_all(text.as_bytes());
    }
}

/// `2026-11-23T14:10:23.456Z`.
fn rfc3339_millis(millis: u64) -> String {
    let seconds = Timestamp(millis / 1000).rfc3339();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), millis % 1000)
}

struct Visitor<'a>(&'a mut Map<String, Value>);

impl Visitor<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}
