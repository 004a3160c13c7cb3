//! Random schedules of tabs, and of a thief, against the real binary and the embedded DynamoDB: requests and answers
//! are lost, late and reordered, and writes repeated whose first try had taken effect.
//!
//! Each schedule follows from its seed, which is told when one fails: `SEED=7 SCHEDULES=1 cargo test -p refresh
//! --test schedules` runs it again, `SCHEDULES=1000` runs more of them.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod random;
mod requests;
mod schedule;
mod seen;
mod slot;
mod theft;
mod tokens;

use schedule::Schedule;
use seen::Seen;
use slot::Pool;

/// Whatever runs at the same time has a table and processes of its own.
const POOLS: u64 = 4;

#[expect(clippy::disallowed_methods, reason = "how a failed schedule is run again")]
fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Runs schedules of consecutive seeds and sums up what they met.
async fn run(schedule: impl AsyncFn(Schedule<'_>) -> Seen + Copy + Send + Sync + 'static) -> Seen {
    let (first, count) = (variable("SEED", 1), variable("SCHEDULES", 120));
    let runs = (0..POOLS).map(|pool| async move {
        let mut slots = Pool::start().await;
        let mut seen = Seen::default();
        for seed in (first..first + count).filter(|seed| seed % POOLS == pool) {
            seen += schedule(Schedule::start(&mut slots, seed).await).await;
        }
        slots.stop().await;
        seen
    });
    let mut seen = Seen::default();
    for one in futures_util::future::join_all(runs).await {
        seen += one;
    }
    println!("{count} schedules from seed {first}: {seen:?}");
    assert_eq!(seen.schedules, count);
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
