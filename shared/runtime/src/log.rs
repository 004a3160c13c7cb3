//! Logs: one JSON object a line on Lambda, readable lines locally.
//!
//! Only this project's own events are logged below warnings: the SDK's could show requests and their headers.
//! No setting makes it more verbose.

mod json;

use std::panic;

use gatecrumb_web::routes;
pub use json::{METRIC_NAMESPACE, METRICS};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::{Layer as _, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

/// The tools whose events are logged from `INFO` on.
const TOOLS: [&str; 2] = ["gatecrumb", "gatecrumb_local"];
/// What functions are made of. People see warnings of it alone: the local gateway says of each request in one line what
/// came of it.
const SHARED: [&str; 5] = [
    "gatecrumb_auth",
    "gatecrumb_aws",
    "gatecrumb_runtime",
    "gatecrumb_store",
    "gatecrumb_web",
];

/// Sends this process's events to `writer` as JSON, one object a line. `function_name` is the dimension of the
/// metrics; without it there are none. Only the first call in a process takes effect.
pub fn init_json<W>(writer: W, function_name: Option<String>)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = json::Json::new(writer, function_name).with_filter(ours(LevelFilter::INFO));
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// Sends this process's events to `writer` in lines for people. Only the first call in a process takes effect.
pub fn init_readable<W>(writer: W)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = fmt::layer()
        .compact()
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .with_writer(writer)
        .with_filter(ours(LevelFilter::WARN));
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// This project's own events: those of functions from `level` on.
fn ours(level: LevelFilter) -> Targets {
    let functions = SHARED.into_iter().chain(routes::functions());
    Targets::new()
        .with_targets(TOOLS.map(|tool| (tool, LevelFilter::INFO)))
        .with_targets(functions.map(|package| (package, level)))
        .with_default(LevelFilter::WARN)
}

/// Logs a panic's location and never its message, which could hold a secret.
pub fn redact_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(event = "panic", place, "a bug");
    }));
}
