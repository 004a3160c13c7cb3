//! The one place that reads the clock. Whoever needs the time takes a [`Timestamp`].

use gatecrumb_tokens::Timestamp;

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is that place")]
pub fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since_epoch.map_or(0, |time| time.as_secs()))
}

/// Now, in milliseconds since the epoch: for the log and for deadlines.
#[expect(clippy::disallowed_methods, reason = "this is that place")]
pub(crate) fn now_millis() -> u64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since_epoch.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
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
