use std::time::Duration;

use crate::Timestamp;

/// The window of an hourly counter.
pub const HOUR: Duration = Duration::from_secs(3600);
/// The window of a daily counter.
pub const DAY: Duration = Duration::from_secs(24 * 3600);

/// The period that a counter covers. Each window has a new counter. A daily window begins at midnight UTC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// Its first second.
    pub start: Timestamp,
    /// The first second of the next one.
    pub end: Timestamp,
}

impl Window {
    /// The window of `length`, at least one second, that contains `now`.
    #[must_use]
    pub fn around(now: Timestamp, length: Duration) -> Self {
        let seconds = length.as_secs().max(1);
        let start = Timestamp(now.0 / seconds * seconds);
        Self {
            start,
            end: start + length,
        }
    }
}
