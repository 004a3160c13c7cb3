//! How long tokens and sessions last: `ACCESS_TTL_SECONDS`, `SESSION_IDLE_SECONDS`, `SESSION_MAX_SECONDS`,
//! `REFRESH_MIN_AGE_SECONDS` and `SESSIONS_NOT_BEFORE`.

use std::{sync::Once, time::Duration};

use gatecrumb_domain::{Timestamp, rotation::RotationPolicy};

use crate::{ConfigError, Environment};

const DAY: u64 = 86_400;
/// Browsers cap a cookie's lifetime here (RFC 6265bis section 5.5).
const MAX_COOKIE_SECONDS: u64 = 400 * DAY;
/// Three times a function's timeout of 5 s, so that a request takes at most a third of the minimum age.
const MIN_REFRESH_MIN_AGE_SECONDS: u64 = 15;
const DEFAULT_REFRESH_MIN_AGE_SECONDS: u64 = 300;

const ACCESS: &str = "ACCESS_TTL_SECONDS";
const IDLE: &str = "SESSION_IDLE_SECONDS";
const MAX: &str = "SESSION_MAX_SECONDS";
const MIN_AGE: &str = "REFRESH_MIN_AGE_SECONDS";

/// Four lifetimes, each at most as long as the next: minimum age, access, idle, session.
///
/// A variable outside its own bounds stops startup. A contradictory combination is capped instead: `CloudFormation` cannot
/// compare two parameters, so every combination that it accepts must start.
pub struct Sessions {
    /// A session ends when it has not been refreshed for this long.
    pub idle: Duration,
    /// A session ends this long after the sign-in.
    pub max: Duration,
    /// Contains the minimum age and the lifetime of an access token.
    pub policy: RotationPolicy,
    /// Lifetimes that exceeded their bound.
    capped: Vec<Capped>,
}

/// A lifetime that was reduced to the variable that bounds it, in seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Capped {
    variable: &'static str,
    given: u64,
    used: u64,
    /// The variable that bounds it.
    bound: &'static str,
}

/// How long tokens and sessions last.
pub fn read(env: &Environment) -> Result<Sessions, ConfigError> {
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
    Ok(Sessions {
        idle: Duration::from_secs(idle),
        max: Duration::from_secs(max),
        policy: RotationPolicy {
            min_age: Duration::from_secs(min_age),
            access_lifetime: Duration::from_secs(access),
            sessions_not_before: not_before(env)?,
        },
        capped,
    })
}

/// `SESSIONS_NOT_BEFORE`, in seconds since the epoch: sessions opened earlier are over. The bound refuses milliseconds,
/// which would end every session for good.
pub fn not_before(env: &Environment) -> Result<Timestamp, ConfigError> {
    env.number("SESSIONS_NOT_BEFORE", 0, 0..=9_999_999_999)
        .map(Timestamp)
}

impl Sessions {
    /// Logs each capped lifetime, once per process: `gatecrumb serve` starts all functions in one process.
    pub fn log_capped(&self) {
        static LOGGED: Once = Once::new();
        LOGGED.call_once(|| {
            for Capped {
                variable,
                given,
                used,
                bound,
            } in &self.capped
            {
                tracing::warn!(event = "setting_capped", variable, given, used, bound);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(settings: &[(&'static str, u64)]) -> Sessions {
        let settings = settings.to_vec();
        read(&Environment::new(move |name| {
            let found = settings.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, seconds)| seconds.to_string())
        }))
        .unwrap()
    }

    fn seconds(sessions: &Sessions) -> [u64; 4] {
        let policy = &sessions.policy;
        [
            policy.min_age,
            policy.access_lifetime,
            sessions.idle,
            sessions.max,
        ]
        .map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn defaults_follow_the_variables_that_are_set_and_are_not_capped() {
        for (settings, expected) in [
            (&[][..], [300, 900, 30 * DAY, 90 * DAY]),
            (&[(IDLE, 180 * DAY)], [300, 900, 180 * DAY, 180 * DAY]),
            (&[(ACCESS, 120)], [120, 120, 30 * DAY, 90 * DAY]),
        ] {
            let sessions = with(settings);
            assert_eq!(seconds(&sessions), expected, "{settings:?}");
            assert_eq!(sessions.capped, []);
        }
    }

    #[test]
    fn a_combination_is_capped_and_recorded() {
        let sessions = with(&[(MAX, 60), (MIN_AGE, 3600), (ACCESS, 3600)]);
        assert_eq!(seconds(&sessions), [60, 60, 60, 60]);
        let capped: Vec<_> = sessions
            .capped
            .iter()
            .map(|capped| (capped.variable, capped.given, capped.used, capped.bound))
            .collect();
        assert_eq!(
            capped,
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
                        let sessions = with(&settings);
                        let ordered = seconds(&sessions);
                        assert!(ordered.is_sorted(), "{settings:?}: {ordered:?}");
                        assert_eq!(ordered[3], max, "the longest is never capped");
                        assert!(ordered[1] >= 60 && ordered[0] >= 15);
                        let changed = [(3, min_age), (2, access), (1, idle)]
                            .iter()
                            .filter(|(distance, given)| ordered[3 - distance] != *given)
                            .count();
                        assert_eq!(sessions.capped.len(), changed);
                    }
                }
            }
        }
    }
}
