//! Checks of any response: headers, clock, signs of a proxy.

use gatecrumb_domain::Timestamp;
use gatecrumb_runtime::now;
use time::{OffsetDateTime, format_description::well_known::Rfc2822, parsing::Parsable};

use super::{NoResponse, Report, Response};

/// The most clock skew that gatecrumb's verifiers accept.
const MAX_SKEW_SECONDS: u64 = 5;
/// Response headers that proxies and caches add.
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

pub(super) fn clock(response: &Response, report: &mut Report) {
    match parse_time(response.header("date"), &Rfc2822) {
        Some(date) => judge_clock("clock", date, report),
        None => report.note(
            "clock",
            "the response has no Date header",
            "a proxy removes it; gatecrumb does not need it",
        ),
    }
}

/// A time in one of the formats of HTTP and JSON.
pub(in crate::doctor) fn parse_time(text: &str, format: &impl Parsable) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text, format).ok()?;
    time.unix_timestamp().try_into().ok().map(Timestamp)
}

pub(in crate::doctor) fn judge_clock(check: &str, theirs: Timestamp, report: &mut Report) {
    let skew = now().0.abs_diff(theirs.0);
    if skew <= MAX_SKEW_SECONDS {
        report.pass(
            check,
            format!("within {MAX_SKEW_SECONDS} s of this machine's clock"),
        );
    } else {
        report.fail(
            check,
            format!("differs by {skew} s from this machine's clock"),
            "synchronize the clocks of this machine and of every service that verifies tokens (NTP)",
        );
    }
}

/// Reports a response that the check does not expect.
pub(in crate::doctor) fn unexpected(
    check: &str,
    request: &str,
    response: &Result<Response, NoResponse>,
    report: &mut Report,
) {
    let found = match response {
        Ok(response) => format!("{request} returns {}", response.outcome()),
        Err(cause) => format!("{request}: {cause}"),
    };
    report.fail(check, found, "see the function's log");
}

/// Checks the headers that every response of gatecrumb has.
pub(in crate::doctor) fn headers(check: &str, response: &Response, report: &mut Report) {
    let mut faults = Vec::new();
    if !response.header("cache-control").contains("no-store") {
        faults.push("Cache-Control is not no-store".to_owned());
    }
    let cache = response.header("x-cache").to_ascii_lowercase();
    if !response.header("age").is_empty() || cache.starts_with("hit") {
        faults.push("the response comes from a cache".to_owned());
    }
    if response.header("x-content-type-options") != "nosniff" {
        faults.push("X-Content-Type-Options is not nosniff".to_owned());
    }
    if response.header("x-request-id").is_empty() {
        faults.push("X-Request-Id is missing".to_owned());
    }
    report.judge(
        check,
        "no-store, nosniff and a request id",
        &faults,
        "configure the proxy to forward headers unchanged, and never to cache /auth/*",
    );
}

pub(super) fn proxies(response: &Response, report: &mut Report) {
    const CHECK: &str = "client addresses";
    let mut seen = PROXY_HEADERS
        .iter()
        .filter(|name| !response.header(name).is_empty());
    match seen.next() {
        None => report.pass(CHECK, "no sign of a proxy that hides them"),
        Some(header) => report.note(
            CHECK,
            format!("a proxy is in front of the API ({header})"),
            "unless it sends PROXY_SECRET and the header that ClientAddressHeader names, all its clients share one \
             address; --username NAME --table TABLE shows which address arrives",
        ),
    }
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::*;

    #[test]
    fn the_times_of_http_and_json_are_read() {
        let expected = Some(Timestamp(1_795_580_930));
        assert_eq!(parse_time("Wed, 25 Nov 2026 04:28:50 GMT", &Rfc2822), expected);
        assert_eq!(parse_time("2026-11-25T04:28:50Z", &Rfc3339), expected);
        assert_eq!(parse_time("", &Rfc2822), None);
    }
}
