use std::time::Duration;

/// Lambda kills a function at its deadline, and API Gateway then responds without our headers. The service responds this
/// much sooner.
const MARGIN: Duration = Duration::from_millis(500);
/// API Gateway ends a request after 30 s.
const MAX_TIME: Duration = Duration::from_secs(29);
/// Used if there is no deadline: in `serve`, in tests and in emulators.
const DEFAULT_TIME: Duration = Duration::from_millis(4300);
/// The longest timeout that Lambda allows. A deadline further in the past is not a point in time: `cargo lambda watch`
/// sends a duration in milliseconds.
const LONGEST_INVOCATION: Duration = Duration::from_secs(15 * 60);

/// The time left to respond, from the invocation's deadline and the current time in milliseconds. Zero after the deadline:
/// a handler that never waits still responds.
#[must_use]
pub fn time_left(deadline_millis: u64, now_millis: u64) -> Duration {
    let deadline = Duration::from_millis(deadline_millis);
    let now = Duration::from_millis(now_millis);
    if deadline + LONGEST_INVOCATION < now {
        return DEFAULT_TIME;
    }
    let left = deadline.saturating_sub(now);
    left.saturating_sub(MARGIN).min(MAX_TIME)
}
