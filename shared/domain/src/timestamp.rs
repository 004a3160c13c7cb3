use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted: the `NumericDate` of RFC 7519 section 2
/// and the unit of DynamoDB's TTL.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// The time from `earlier` to `self`; zero if `earlier` is later than `self`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }

    /// The time in UTC as RFC 3339 writes it: `2026-11-23T14:10:23Z`. The last second of 9999 for any later time.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let seconds = i64::try_from(self.0).unwrap_or(i64::MAX);
        // RFC 3339 ends with the year 9999. Nothing that we issue lasts that long.
        let date = OffsetDateTime::from_unix_timestamp(seconds).ok();
        date.and_then(|date| date.format(&Rfc3339).ok())
            .unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time.as_secs()))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(time.as_secs()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
