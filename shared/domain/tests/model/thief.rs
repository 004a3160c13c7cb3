//! A thief who copied a token, whichever and whenever, and the owner, who knows nothing of it.

use stateright::Property;

use crate::{breaks, holds, schedule::Schedules, state::State, table::Variant};

const CAUGHT: &str = "once both have gone on, the session is over";
const ALONE: &str = "once one side has gone on, the other is served no more";

fn theft(variant: Variant, delay: u8, tabs: usize, thieves: usize) -> Schedules {
    Schedules {
        variant,
        min_age: 3 * delay + 1,
        delay,
        tabs,
        thieves,
        properties: vec![
            Property::always(CAUGHT, |_, state: &State| !(state.gone_on[0] && state.gone_on[1])),
            Property::always(ALONE, |_, state: &State| !state.both_served),
            Property::sometimes("the thief goes on", |_, state: &State| {
                state.gone_on[1] && state.current.is_some()
            }),
            Property::sometimes("the owner goes on", |_, state: &State| {
                state.gone_on[0] && state.current.is_some()
            }),
            Property::sometimes("the thief is caught", |_, state: &State| {
                state.gone_on[1] && state.current.is_none()
            }),
            Property::sometimes("so is one who comes second", |_, state: &State| {
                state.gone_on[0] && state.current.is_none()
            }),
        ],
    }
}

#[test]
fn a_thief_is_caught_once_both_have_gone_on() {
    holds("a thief and one tab", theft(Variant::Shipped, 1, 1, 1));
    holds("a thief and two tabs", theft(Variant::Shipped, 1, 2, 1));
}

#[test]
#[ignore = "minutes: cargo test --release -p gatecrumb-tokens --test model -- --include-ignored"]
fn and_with_more_requests_under_way() {
    holds(
        "a thief with two requests and two tabs",
        theft(Variant::Shipped, 1, 2, 2),
    );
    holds("a thief and two tabs, D=2", theft(Variant::Shipped, 2, 2, 1));
}

#[test]
fn a_rule_that_ends_nothing_lets_a_thief_stay() {
    breaks(
        "refused, but not ended",
        theft(Variant::WithoutReuse, 1, 1, 1),
        ALONE,
    );
}
