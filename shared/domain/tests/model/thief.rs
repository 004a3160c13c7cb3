//! A thief copies any token at any time, and the owner goes on without knowing.

use stateright::Property;

use crate::{breaks, holds, schedule::Schedules, state::State, table::Variant};

const CAUGHT: &str = "once both have continued, the session is over";
const ALONE: &str = "once one side has continued, the other is no longer served";

fn theft(variant: Variant, delay: u8, tabs: usize, thieves: usize) -> Schedules {
    Schedules {
        variant,
        min_age: 3 * delay + 1,
        delay,
        tabs,
        thieves,
        properties: vec![
            Property::always(CAUGHT, |_, state: &State| {
                !(state.continued[0] && state.continued[1])
            }),
            Property::always(ALONE, |_, state: &State| !state.both_served),
            Property::sometimes("the thief continues", |_, state: &State| {
                state.continued[1] && state.current.is_some()
            }),
            Property::sometimes("the owner continues", |_, state: &State| {
                state.continued[0] && state.current.is_some()
            }),
            Property::sometimes("the thief is caught", |_, state: &State| {
                state.continued[1] && state.current.is_none()
            }),
            Property::sometimes("a thief who is second is caught", |_, state: &State| {
                state.continued[0] && state.current.is_none()
            }),
        ],
    }
}

#[test]
fn a_thief_is_caught_once_both_have_continued() {
    holds("a thief and one tab", theft(Variant::Shipped, 1, 1, 1));
    holds("a thief and two tabs", theft(Variant::Shipped, 1, 2, 1));
}

#[test]
#[ignore = "minutes: cargo test --release -p gatecrumb-domain --test model -- --include-ignored"]
fn a_thief_is_caught_with_more_requests_in_flight() {
    holds(
        "a thief with two requests and two tabs",
        theft(Variant::Shipped, 1, 2, 2),
    );
    holds("a thief and two tabs, D=2", theft(Variant::Shipped, 2, 2, 1));
}

#[test]
fn a_policy_that_ends_no_session_does_not_stop_a_thief() {
    breaks(
        "rejected, but not ended",
        theft(Variant::WithoutReuse, 1, 1, 1),
        ALONE,
    );
}
