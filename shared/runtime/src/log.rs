//! Logs: one JSON object a line on Lambda, readable lines locally.
//!
//! Only this project's own events are logged below warnings: the SDK's could show requests and their headers.
//! There is no switch that would make it say more.

mod json;

use std::panic;

pub use json::{METRIC_NAMESPACE, METRICS};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::{Layer as _, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

/// The packages whose events are logged from `INFO` on.
const OURS: [&str; 10] = [
    "gatecrumb",
    "gatecrumb_auth",
    "gatecrumb_local",
    "gatecrumb_runtime",
    "gatecrumb_store",
    "gatecrumb_web",
    "login",
    "logout",
    "me",
    "refresh",
];
/// Of these, people see warnings alone: the local gateway says of each request in one line what came of it.
const QUIET: [&str; 7] = [
    "gatecrumb_auth",
    "gatecrumb_runtime",
    "gatecrumb_web",
    "login",
    "logout",
    "me",
    "refresh",
];

/// Sends this process's events to `writer` as JSON, one object a line. `function_name` is the dimension of the
/// metrics; without it there are none. Whoever comes first wins.
pub fn init_json<W>(writer: W, function_name: Option<String>)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = json::Json::new(writer, function_name).with_filter(ours());
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// Sends this process's events to `writer` in lines for people. Whoever comes first wins.
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
        .with_filter(ours().with_targets(QUIET.map(|package| (package, LevelFilter::WARN))));
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

fn ours() -> Targets {
    Targets::new()
        .with_targets(OURS.map(|package| (package, LevelFilter::INFO)))
        .with_default(LevelFilter::WARN)
}

/// Makes panics say where and not what: what panicked may have had anything in its hands.
pub fn redact_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(event = "panic", place, "a bug");
    }));
}
