use std::time::Duration;

use crate::Timestamp;

/// The window of an hour's counter.
pub const HOUR: Duration = Duration::from_secs(3600);
/// The window of a day's counter.
pub const DAY: Duration = Duration::from_secs(24 * 3600);

/// What a counter counts in: it starts anew with each. Windows of a day begin at midnight UTC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// Its first second.
    pub start: Timestamp,
    /// The first second of the next one.
    pub end: Timestamp,
}

impl Window {
    /// The window of that length, at least a second, which `now` is in.
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
