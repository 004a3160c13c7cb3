//! Logs: one JSON object a line on Lambda, readable lines locally.
//!
//! Only this project's own events are logged below warnings: the SDK's could show requests and their headers.
//! There is no switch that would make it say more.

use std::panic;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::{Layer as _, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

/// The packages whose events are logged from `INFO` on.
const OURS: [&str; 8] = [
    "gatecrumb",
    "gatecrumb_local",
    "gatecrumb_store",
    "gatecrumb_web",
    "login",
    "logout",
    "me",
    "refresh",
];
/// Of these, people see warnings alone: the local gateway says of each request in one line what came of it.
const QUIET: [&str; 5] = ["gatecrumb_web", "login", "logout", "me", "refresh"];

/// How lines look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// For CloudWatch.
    Json,
    /// For people.
    Readable,
}

/// Sends this process's events to `writer`. Whoever comes first wins.
pub fn init<W>(format: Format, writer: W)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let targets = OURS.map(|package| (package, LevelFilter::INFO));
    let filter = Targets::new()
        .with_targets(targets)
        .with_default(LevelFilter::WARN);
    let filter = match format {
        Format::Json => filter,
        Format::Readable => filter.with_targets(QUIET.map(|package| (package, LevelFilter::WARN))),
    };
    let registry = tracing_subscriber::registry();
    let _ = match format {
        Format::Json => {
            let layer = fmt::layer()
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .with_target(false);
            registry
                .with(layer.with_writer(writer).with_filter(filter))
                .try_init()
        }
        Format::Readable => {
            let layer = fmt::layer()
                .compact()
                .without_time()
                .with_target(false)
                .with_ansi(false);
            registry
                .with(layer.with_writer(writer).with_filter(filter))
                .try_init()
        }
    };
}

/// Makes panics say where and not what: what panicked may have had anything in its hands.
pub fn redact_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(event = "panic", place, "a bug");
    }));
}
