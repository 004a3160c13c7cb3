//! Times as text, and the clock of the command line and of tests. Whoever needs the time takes a `Timestamp`.

use gatecrumb_domain::{Clock as _, Timestamp};

use crate::SystemClock;

/// The machine's time.
#[must_use]
pub fn now() -> Timestamp {
    SystemClock.now()
}

/// The machine's time in milliseconds since the epoch: for the log.
pub(crate) fn now_millis() -> u64 {
    SystemClock.now_millis()
}

/// `2026-11-23T14:10:23.456Z`.
pub(crate) fn rfc3339_millis(millis: u64) -> String {
    let seconds = rfc3339(Timestamp(millis / 1000));
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), millis % 1000)
}

/// The time as RFC 3339 has it, in UTC: `2026-11-23T14:10:23Z`.
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    let format = &time::format_description::well_known::Rfc3339;
    let seconds = i64::try_from(time.0).unwrap_or(i64::MAX);
    // A year after 9999 has no such text; nothing that we issue lasts so long.
    let date = time::OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|date| date.format(format).ok());
    date.unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
}
