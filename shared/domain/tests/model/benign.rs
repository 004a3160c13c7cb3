//! Tabs that share one cookie jar, without a thief.

use stateright::Property;

use crate::{breaks, holds, schedule::Schedules, state::State, table::Variant};

const LIVES: &str = "no benign schedule ends the session";

fn tabs(min_age: u8, delay: u8, tabs: usize) -> Schedules {
    Schedules {
        variant: Variant::Shipped,
        min_age,
        delay,
        tabs,
        thieves: 0,
        properties: vec![
            Property::always(LIVES, |_, state: &State| state.current.is_some()),
            Property::sometimes(
                "tokens rotate and rotate again",
                |model: &Schedules, state: &State| {
                    state.jars[0].is_some_and(|token| {
                        state.current == Some(token.parent) && token.age >= model.min_age
                    })
                },
            ),
            Property::sometimes(
                "a response is lost and the token is presented again",
                |_, state: &State| {
                    state.jars[0].is_some_and(|token| state.current == Some(token.jti))
                        && state.flights.is_empty()
                },
            ),
        ],
    }
}

#[test]
fn no_schedule_ends_the_session_if_requests_take_less_than_a_third_of_the_minimum_age() {
    holds("three tabs, A=4 D=1", tabs(4, 1, 3));
    holds("four tabs, A=4 D=1", tabs(4, 1, 4));
    holds("three tabs, A=7 D=2", tabs(7, 2, 3));
    holds("two tabs, A=10 D=3", tabs(10, 3, 2));
}

#[test]
#[ignore = "minutes: cargo test --release -p gatecrumb-domain --test model -- --include-ignored"]
fn no_schedule_ends_the_session_with_finer_time_or_more_tabs() {
    holds("five tabs, A=4 D=1", tabs(4, 1, 5));
    holds("four tabs, A=7 D=2", tabs(7, 2, 4));
    holds("three tabs, A=10 D=3", tabs(10, 3, 3));
}

#[test]
fn some_schedule_ends_the_session_if_requests_may_take_longer() {
    for (min_age, delay) in [(1, 1), (2, 1), (3, 1), (6, 2)] {
        let what = format!("three tabs, A={min_age} D={delay}");
        breaks(&what, tabs(min_age, delay, 3), LIVES);
    }
}

#[test]
fn without_a_minimum_age_tabs_sign_each_other_out() {
    let model = Schedules {
        variant: Variant::WithoutMinimumAge,
        ..tabs(4, 1, 3)
    };
    breaks("no minimum age", model, LIVES);
}

#[test]
fn without_reissue_a_lost_response_ends_the_session() {
    let model = Schedules {
        variant: Variant::WithoutReissue,
        ..tabs(4, 1, 1)
    };
    breaks("no reissue", model, LIVES);
}
