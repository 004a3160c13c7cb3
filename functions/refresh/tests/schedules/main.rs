//! Random schedules of tabs, and of a thief, against the function and the embedded DynamoDB: requests and answers are
//! lost, late and reordered, and writes are repeated whose first try took effect. The schedule moves the clock.
//!
//! Each schedule follows from its seed, which is printed when one fails: `SEED=7 SCHEDULES=1 cargo test -p refresh
//! --test schedules` runs it again, `SCHEDULES=1000` runs more of them.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test panics when it fails"
)]

mod requests;
mod schedule;
mod seen;
mod slot;
mod theft;
mod tokens;

use gatecrumb_testkit::logs;
use schedule::Schedule;
use seen::Seen;
use slot::Pool;

/// Schedules that run at the same time, each with its own table, clock and instances.
const POOLS: u64 = 4;

#[expect(clippy::disallowed_methods, reason = "how a failed schedule is run again")]
fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Runs schedules of consecutive seeds and sums up what they covered.
async fn run(schedule: impl AsyncFn(Schedule<'_>) -> Seen + Copy + Send + Sync + 'static) -> Seen {
    logs::capture();
    let (first, count) = (variable("SEED", 1), variable("SCHEDULES", 120));
    let runs = (0..POOLS).map(|pool| async move {
        let mut own = Pool::start().await;
        let mut seen = Seen::default();
        for seed in (first..first + count).filter(|seed| seed % POOLS == pool) {
            seen += schedule(Schedule::start(&mut own, seed).await).await;
        }
        seen
    });
    let mut seen = Seen::default();
    for one in futures_util::future::join_all(runs).await {
        seen += one;
    }
    println!("{count} schedules from seed {first}: {seen:?}");
    assert_eq!(seen.schedules, count);
    let log = logs::captured();
    assert!(log.contains("\"request_id\""), "requests are logged");
    logs::assert_clean(&log);
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn no_benign_schedule_ends_a_session() {
    let seen = run(async |schedule| schedule.benign().await).await;
    if seen.schedules > 100 {
        assert!(seen.rotated > 0 && seen.repeated > 0 && seen.kept > 0 && seen.undelivered > 0);
        assert!(seen.unheard > 0 && seen.lost > 0 && seen.reordered > 0 && seen.unavailable > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_is_caught_once_both_have_gone_on() {
    let seen = run(async |schedule| theft::play(schedule).await).await;
    assert_eq!(seen.caught_midway + seen.caught_at_last, seen.schedules);
    if seen.schedules > 100 {
        assert!(seen.caught_midway > 0 && seen.caught_at_last > 0);
    }
}
