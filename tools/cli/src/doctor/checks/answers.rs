//! What every answer carries: headers, and the traces of clocks and proxies.

use aws_smithy_types::date_time::{DateTime, Format};
use gatecrumb_domain::Timestamp;
use gatecrumb_runtime::now;

use super::{Answer, Report};

/// What gatecrumb's verifiers grant other services' clocks at most.
const MAX_SKEW_SECONDS: u64 = 5;
/// Headers that proxies and caches add.
const PROXY_HEADERS: [&str; 8] = [
    "via",
    "x-amz-cf-id",
    "cf-ray",
    "x-vercel-id",
    "x-nf-request-id",
    "x-served-by",
    "x-cache",
    "x-powered-by",
];

pub(super) fn clock(answer: &Answer, report: &mut Report) {
    match parse_time(answer.header("date"), Format::HttpDate) {
        Some(date) => judge_clock("clock", date, report),
        None => report.note(
            "clock",
            "the answer has no date",
            "something strips it; nothing of gatecrumb's needs it",
        ),
    }
}

/// A time in one of the formats of HTTP and JSON.
pub(in crate::doctor) fn parse_time(text: &str, format: Format) -> Option<Timestamp> {
    let time = DateTime::from_str(text, format).ok()?;
    time.secs().try_into().ok().map(Timestamp)
}

pub(in crate::doctor) fn judge_clock(check: &str, theirs: Timestamp, report: &mut Report) {
    let skew = now().0.abs_diff(theirs.0);
    if skew <= MAX_SKEW_SECONDS {
        report.pass(check, format!("within {MAX_SKEW_SECONDS} s of this machine's"));
    } else {
        report.fail(
            check,
            format!("{skew} s apart from this machine's"),
            "set this machine's clock (NTP), and that of every service which verifies tokens",
        );
    }
}

/// Reports an answer that the check does not know.
pub(in crate::doctor) fn unexpected(
    check: &str,
    request: &str,
    answer: &Result<Answer, String>,
    report: &mut Report,
) {
    let found = match answer {
        Ok(answer) => format!("{request} answers {}", answer.outcome()),
        Err(cause) => format!("{request}: {cause}"),
    };
    report.fail(check, found, "see the function's log for its request id");
}

/// What every answer of gatecrumb's carries.
pub(in crate::doctor) fn headers(check: &str, answer: &Answer, report: &mut Report) {
    let mut faults = Vec::new();
    if !answer.header("cache-control").contains("no-store") {
        faults.push("Cache-Control is not no-store".to_owned());
    }
    let cache = answer.header("x-cache").to_ascii_lowercase();
    if !answer.header("age").is_empty() || cache.starts_with("hit") {
        faults.push("the answer comes from a cache".to_owned());
    }
    if answer.header("x-content-type-options") != "nosniff" {
        faults.push("X-Content-Type-Options is not nosniff".to_owned());
    }
    if answer.header("x-request-id").is_empty() {
        faults.push("X-Request-Id is missing".to_owned());
    }
    report.judge(
        check,
        "no-store, nosniff and a request id",
        &faults,
        "let the proxy pass headers on as they are, and never cache /auth/*",
    );
}

pub(super) fn proxies(answer: &Answer, report: &mut Report) {
    const CHECK: &str = "visitors' addresses";
    let mut seen = PROXY_HEADERS
        .iter()
        .filter(|name| !answer.header(name).is_empty());
    match seen.next() {
        None => report.pass(CHECK, "no sign of a proxy that would hide them"),
        Some(header) => report.note(
            CHECK,
            format!("a proxy answers ({header})"),
            "unless it sends PROXY_SECRET and ClientAddressHeader, all its visitors share one address; to see which \
             address arrives: --username NAME --table TABLE",
        ),
    }
}
