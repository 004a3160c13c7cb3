//! Captured log events. Each test runs in a thread of its own and sees only its own events.

use std::{cell::RefCell, fmt, sync::Once};

use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt as _},
    registry,
    util::SubscriberInitExt as _,
};

/// One event with its fields as JSON.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) level: Level,
    pub(crate) fields: Value,
}

thread_local! {
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Captures events from now on. A test calls this before the code that logs.
pub(crate) fn capture() {
    static CAPTURE: Once = Once::new();
    CAPTURE.call_once(|| registry().with(Capture).init());
}

/// The events since the last call.
pub(crate) fn take() -> Vec<Line> {
    LINES.take()
}

struct Capture;

impl<S: Subscriber> Layer<S> for Capture {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // Not the SDK's events.
        if !event.metadata().target().starts_with("gatecrumb_auth") {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let level = *event.metadata().level();
        let fields = Value::Object(fields.0);
        LINES.with_borrow_mut(|lines| lines.push(Line { level, fields }));
    }
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let replaced = self.0.insert(field.name().to_owned(), value);
        assert!(replaced.is_none(), "{field} comes twice");
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}
