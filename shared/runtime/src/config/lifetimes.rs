use std::time::Duration;

use super::{ConfigError, Environment};

const DAY: u64 = 86_400;
/// Browsers cap a cookie's lifetime here (RFC 6265bis section 5.5).
const MAX_COOKIE_SECONDS: u64 = 400 * DAY;
/// Thrice the 5 s that a function has: no request outlives a third of the minimum age.
const MIN_REFRESH_MIN_AGE_SECONDS: u64 = 15;
const DEFAULT_REFRESH_MIN_AGE_SECONDS: u64 = 300;

const ACCESS: &str = "ACCESS_TTL_SECONDS";
const IDLE: &str = "SESSION_IDLE_SECONDS";
const MAX: &str = "SESSION_MAX_SECONDS";
const MIN_AGE: &str = "REFRESH_MIN_AGE_SECONDS";

/// The four lifetimes, each at most as long as the one that bounds it: minimum age, access, idle, session.
///
/// Each variable has bounds of its own, which stop the start. A combination does not: `CloudFormation` cannot compare
/// two parameters, so a deployment with any of them must start.
pub(super) struct Lifetimes {
    pub(super) min_age: Duration,
    pub(super) access: Duration,
    pub(super) idle: Duration,
    pub(super) max: Duration,
    /// Which of them were cut.
    pub(super) capped: Vec<Capped>,
}

/// A lifetime that was cut to the one that bounds it, in seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Capped {
    pub(crate) variable: &'static str,
    pub(crate) given: u64,
    pub(crate) used: u64,
    /// The variable that bounds it.
    pub(crate) bound: &'static str,
}

impl Lifetimes {
    pub(super) fn read(env: &Environment) -> Result<Self, ConfigError> {
        let access = env.number(ACCESS, 900, 60..=3600)?;
        let idle = env.number(IDLE, 30 * DAY, 60..=MAX_COOKIE_SECONDS)?;
        let max = env.number(MAX, (90 * DAY).max(idle), 60..=MAX_COOKIE_SECONDS)?;
        let mut capped = Vec::new();
        let mut cap = |variable, given: u64, bound, limit: u64| {
            let used = given.min(limit);
            if used < given {
                capped.push(Capped {
                    variable,
                    given,
                    used,
                    bound,
                });
            }
            used
        };
        let idle = cap(IDLE, idle, MAX, max);
        let access = cap(ACCESS, access, IDLE, idle);
        let default = DEFAULT_REFRESH_MIN_AGE_SECONDS.min(access);
        let min_age = env.number(MIN_AGE, default, MIN_REFRESH_MIN_AGE_SECONDS..=3600)?;
        let min_age = cap(MIN_AGE, min_age, ACCESS, access);
        Ok(Self {
            min_age: Duration::from_secs(min_age),
            access: Duration::from_secs(access),
            idle: Duration::from_secs(idle),
            max: Duration::from_secs(max),
            capped,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&'static str, u64)]) -> Lifetimes {
        let settings = settings.to_vec();
        Lifetimes::read(&Environment::new(move |name| {
            let found = settings.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, seconds)| seconds.to_string())
        }))
        .unwrap()
    }

    fn seconds(lifetimes: &Lifetimes) -> [u64; 4] {
        [lifetimes.min_age, lifetimes.access, lifetimes.idle, lifetimes.max]
            .map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn what_is_not_set_follows_from_what_is_and_is_no_cap() {
        for (settings, expected) in [
            (&[][..], [300, 900, 30 * DAY, 90 * DAY]),
            (&[(IDLE, 180 * DAY)], [300, 900, 180 * DAY, 180 * DAY]),
            (&[(ACCESS, 120)], [120, 120, 30 * DAY, 90 * DAY]),
        ] {
            let lifetimes = read(settings);
            assert_eq!(seconds(&lifetimes), expected, "{settings:?}");
            assert_eq!(lifetimes.capped, []);
        }
    }

    #[test]
    fn a_combination_is_cut_to_the_shorter_and_said() {
        let lifetimes = read(&[(MAX, 60), (MIN_AGE, 3600), (ACCESS, 3600)]);
        assert_eq!(seconds(&lifetimes), [60, 60, 60, 60]);
        let said: Vec<_> = lifetimes
            .capped
            .iter()
            .map(|capped| (capped.variable, capped.given, capped.used, capped.bound))
            .collect();
        assert_eq!(
            said,
            [
                (IDLE, 30 * DAY, 60, MAX),
                (ACCESS, 3600, 60, IDLE),
                (MIN_AGE, 3600, 60, ACCESS),
            ]
        );
    }

    #[test]
    fn every_combination_within_the_bounds_is_ordered() {
        let some =
            |lowest: u64, highest: u64| [lowest, 300, 900, 3600, highest].map(|n| n.clamp(lowest, highest));
        for access in some(60, 3600) {
            for idle in some(60, MAX_COOKIE_SECONDS) {
                for max in some(60, MAX_COOKIE_SECONDS) {
                    for min_age in some(15, 3600) {
                        let settings = [(ACCESS, access), (IDLE, idle), (MAX, max), (MIN_AGE, min_age)];
                        let lifetimes = read(&settings);
                        let ordered = seconds(&lifetimes);
                        assert!(ordered.is_sorted(), "{settings:?}: {ordered:?}");
                        assert_eq!(ordered[3], max, "the longest is never cut");
                        assert!(ordered[1] >= 60 && ordered[0] >= 15);
                        let changed = [(3, min_age), (2, access), (1, idle)]
                            .iter()
                            .filter(|(place, given)| ordered[3 - place] != *given)
                            .count();
                        assert_eq!(lifetimes.capped.len(), changed);
                    }
                }
            }
        }
    }
}
