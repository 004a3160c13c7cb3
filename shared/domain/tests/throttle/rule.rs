//! The decision alone, without a table.

use std::time::Duration;

use gatecrumb_domain::{
    Timestamp,
    throttle::{Counter, DAY, Decision, Grant, HOUR, Limit, Step, Trio, Window},
};
use proptest::prelude::*;

use super::{limits, stranger};

const NOW: Timestamp = Timestamp(1_800_000_000);

fn counter(failures: u64, ago: u64) -> Counter {
    Counter {
        failures,
        last_at: NOW - Duration::from_secs(ago),
    }
}

fn decide(seen: Trio<Option<Counter>>) -> Decision {
    limits().decide(&stranger("ada", 1), seen, NOW)
}

fn seen(pair: Counter, name: Counter, network: Counter) -> Trio<Option<Counter>> {
    Trio {
        pair: Some(pair),
        name: Some(name),
        network: Some(network),
    }
}

fn granted(decision: Decision) -> Trio<Step> {
    match decision {
        Decision::Granted(steps) => steps,
        denied @ Decision::Denied { .. } => panic!("{denied:?}"),
    }
}

#[test]
fn below_every_limit_an_attempt_is_free_and_increments_every_counter() {
    let steps = granted(decide(seen(counter(4, 0), counter(99, 0), counter(99, 0))));
    let free = Step {
        grant: Grant::Free,
        increment: 1,
    };
    assert_eq!(steps, Trio::of(free));
    assert_eq!(
        decide(Trio::default()),
        Decision::Granted(steps),
        "counters below their limits may be absent"
    );
}

#[test]
fn a_network_without_free_failures_takes_a_turn_without_incrementing_the_name() {
    let pair = counter(5, 1);
    let steps = granted(decide(seen(pair, counter(99, 0), counter(0, 0))));
    assert_eq!((steps.pair.grant, steps.pair.increment), (Grant::Turn(pair), 1));
    assert_eq!((steps.name.grant, steps.name.increment), (Grant::Free, 0));
}

#[test]
fn the_longest_wait_decides() {
    let denied = |decision| match decision {
        Decision::Denied { retry_after } => retry_after,
        Decision::Granted(_) => 0,
    };
    let none = counter(0, 0);
    assert_eq!(denied(decide(seen(counter(8, 1), none, none))), 7);
    assert_eq!(denied(decide(seen(none, none, counter(110, 100)))), 800);
    assert_eq!(denied(decide(seen(counter(8, 1), none, counter(110, 100)))), 800);
    // A network without free failures waits longer than any network with free failures.
    assert_eq!(denied(decide(seen(counter(5, 9), counter(104, 0), none))), 32);
    assert!((16..32).contains(&denied(decide(seen(none, counter(104, 0), none)))));
    // A clock that is behind extends the wait by the difference.
    let ahead = Counter {
        last_at: NOW + Duration::from_secs(2),
        ..counter(5, 0)
    };
    assert_eq!(denied(decide(seen(ahead, none, none))), 3);
}

#[test]
fn a_window_is_a_day_from_midnight_or_an_hour() {
    let window = Window::around(NOW, DAY);
    assert_eq!(
        (window.start.0 % 86_400, window.end.0 - window.start.0),
        (0, 86_400)
    );
    let last = window.end - Duration::from_secs(1);
    assert_eq!(Window::around(last, DAY), window);
    assert_eq!(Window::around(window.end, DAY).start, window.end);
    assert_eq!(Window::around(NOW, HOUR).end, NOW + HOUR);
}

#[test]
fn each_network_draws_its_own_wait_and_draws_again_for_each_turn() {
    let name = counter(110, 0);
    let wait = |from, name: Counter| {
        let seen = Trio {
            name: Some(name),
            ..Trio::default()
        };
        match limits().decide(&stranger("ada", from), seen, NOW) {
            Decision::Denied { retry_after } => retry_after,
            Decision::Granted(_) => 0,
        }
    };
    let draws: Vec<u32> = (0..1000).map(|from| wait(from, name)).collect();
    assert!(draws.iter().all(|draw| (900..1800).contains(draw)));
    // The draws are uniform: each tenth of the range has about a tenth of them.
    for tenth in 0..10 {
        let range = 900 + tenth * 90..990 + tenth * 90;
        let count = draws.iter().filter(|&draw| range.contains(draw)).count();
        assert!((70..130).contains(&count), "{count} in {range:?}");
    }
    let again = draws.iter().zip(0..).filter(|(draw, from)| {
        let next = Counter {
            failures: 111,
            ..name
        };
        wait(*from, next) == **draw
    });
    assert!(again.count() < 10);
}

fn any_counter() -> impl Strategy<Value = Counter> {
    (0..130_u64, 0..2000_u64).prop_map(|(failures, ago)| counter(failures, ago))
}

proptest! {
    /// An attempt is granted after exactly `retry_after` seconds, and not a second earlier.
    #[test]
    fn an_attempt_is_granted_exactly_after_retry_after(pair in any_counter(), name in any_counter(), network in any_counter()) {
        let seen = seen(pair, name, network);
        if let Decision::Denied { retry_after } = decide(seen) {
            prop_assert!((1..=1800).contains(&retry_after));
            let at = |seconds: u32| limits().decide(&stranger("ada", 1), seen, NOW + Duration::from_secs(seconds.into()));
            prop_assert!(matches!(at(retry_after), Decision::Granted(_)));
            prop_assert_eq!(at(retry_after - 1), Decision::Denied { retry_after: 1 });
        }
    }

    /// The content of a counter below its limit has no effect.
    #[test]
    fn a_counter_below_its_limit_may_be_absent(pair in any_counter(), name in any_counter(), network in any_counter()) {
        let all = seen(pair, name, network);
        let at_limit = |counter: Counter, limit: Limit| Some(counter).filter(|c| c.failures >= limit.failures());
        let limits = limits().trio;
        let some = Trio {
            pair: at_limit(pair, limits.pair),
            name: at_limit(name, limits.name),
            network: at_limit(network, limits.network),
        };
        prop_assert_eq!(decide(all), decide(some));
    }

    /// An attempt with one counter is granted exactly when the counter's wait has passed.
    #[test]
    fn one_counter_decides_by_its_wait(counter in any_counter(), limit in 1..120_u64) {
        let limit = Limit::new(limit);
        let free_at = counter.last_at + limit.wait(counter.failures);
        match limit.decide(counter, NOW) {
            Ok(Grant::Free) => prop_assert!(counter.failures < limit.failures()),
            Ok(Grant::Turn(seen)) => {
                prop_assert_eq!(seen, counter);
                prop_assert!(counter.failures >= limit.failures() && NOW >= free_at);
            }
            Err(wait) => prop_assert_eq!(NOW + Duration::from_secs(wait.into()), free_at),
        }
    }

    /// If attempts are counted on one counter and then succeed in any order, the counter is as if only the failed ones
    /// had been counted: the same number of failures and no longer wait.
    #[test]
    fn a_success_removes_its_own_count_only(
        start in any_counter(),
        attempts in prop::collection::vec((0..1000_u64, any::<bool>()), 1..12),
        order in any::<u64>(),
    ) {
        let limit = Limit::new(5);
        let (mut row, mut now) = (start, NOW);
        let mut granted = Vec::new();
        for (pause, succeeds) in attempts {
            now = now + Duration::from_secs(pause);
            if let Ok(grant) = limit.decide(row, now) {
                let step = Step { grant, increment: 1 };
                row = step.count(row, now);
                granted.push((step, now, succeeds));
            }
        }
        let failed: Vec<Timestamp> = granted.iter().filter(|(.., ok)| !ok).map(|(_, at, _)| *at).collect();
        let latest = granted.last().map_or(start.last_at, |(_, at, _)| *at);
        let mut successes: Vec<_> = granted.iter().filter(|(.., ok)| *ok).collect();
        let turns = usize::try_from(order % 12).unwrap() % successes.len().max(1);
        successes.rotate_left(turns);
        for (step, at, _) in successes {
            row = step.give_back(row, *at);
        }
        prop_assert_eq!(row.failures, start.failures + failed.len() as u64);
        prop_assert!(row.last_at <= latest);
        if row.failures >= limit.failures() {
            let last_failed = failed.last().copied().unwrap_or(start.last_at);
            prop_assert!(row.last_at >= last_failed.min(latest), "a failure's time is lost");
        }
        if granted.len() == 1 && failed.is_empty() {
            prop_assert!(row == start || start.failures < limit.failures());
        }
    }
}
