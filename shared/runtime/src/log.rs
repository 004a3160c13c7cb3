//! Logs: one JSON object per line on Lambda, readable lines locally.
//!
//! Events of other crates are logged from `WARN` up: lower levels of the SDK could contain requests and headers. No setting
//! makes the log more verbose.

mod json;

use std::panic;

use gatecrumb_api::routes;
pub use json::{METRIC_NAMESPACE, METRICS};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::{Layer as _, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

/// Tools, whose events are logged from `INFO` up.
const TOOLS: [&str; 2] = ["gatecrumb", "gatecrumb_local"];
/// Functions without a route.
const AUTHORIZERS: [&str; 1] = ["authorizer"];
/// Crates that the functions share. In readable logs only their warnings appear, because the local gateway logs each
/// request in one line.
const SHARED: [&str; 6] = [
    "gatecrumb_api",
    "gatecrumb_auth",
    "gatecrumb_aws",
    "gatecrumb_runtime",
    "gatecrumb_store",
    "gatecrumb_web",
];

/// Writes this process's events to `writer` as JSON, one object per line. `function_name` is the dimension of the metrics;
/// without it there are no metrics. Only the first call in a process has an effect.
pub fn init_json<W>(writer: W, function_name: Option<String>)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = json::Json::new(writer, function_name).with_filter(ours(LevelFilter::INFO));
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// Writes this process's events to `writer` as readable lines. Only the first call in a process has an effect.
pub fn init_readable<W>(writer: W)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = fmt::layer()
        .compact()
        .without_time()
        .with_target(false)
        .with_ansi(false)
        // It would report a failed write with eprintln!, which panics if standard error cannot be written.
        .log_internal_errors(false)
        .with_writer(writer)
        .with_filter(ours(LevelFilter::WARN));
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// This project's events: those of functions from `level` up, and those of tools from `INFO` up.
fn ours(level: LevelFilter) -> Targets {
    let functions = (SHARED.into_iter().chain(AUTHORIZERS)).chain(routes::functions());
    Targets::new()
        .with_targets(TOOLS.map(|tool| (tool, LevelFilter::INFO)))
        .with_targets(functions.map(|package| (package, level)))
        .with_default(LevelFilter::WARN)
}

/// Logs a panic's location and never its message, which could contain a secret.
pub fn redact_panics() {
    panic::set_hook(Box::new(|info| {
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(event = "panic", location, "a bug");
    }));
}
