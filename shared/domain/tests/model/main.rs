//! The rotation rule, model-checked: every schedule within bounds, driving [`Rule::decide`] as it ships.
//!
//! One tick is the model's second, and a state holds ages instead of times, capped where they no longer matter. So
//! the states are finitely many although time has no end: what holds here holds for sessions of any length.
//!
//! `cargo test -p gatecrumb-tokens --test model -- --nocapture` says how many states each check saw; with
//! `--release … --include-ignored` the larger bounds run as well.
//!
//! [`Rule::decide`]: gatecrumb_domain::rotation::RotationPolicy::decide

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test panics when it fails"
)]

mod benign;
mod lifetimes;
mod schedule;
mod state;
mod table;
mod thief;

use stateright::{Checker, Model};

/// Checks to the end: every `always` holds and every `sometimes` was seen.
fn holds<M: Model + Send + Sync + 'static>(what: &str, model: M)
where
    M::State: Clone + PartialEq + std::fmt::Debug + std::hash::Hash + Send + Sync,
    M::Action: Clone + PartialEq + std::fmt::Debug + Send + Sync,
{
    let checker = model.checker().threads(2).spawn_bfs().join();
    println!(
        "{what}: holds in {} states, {} steps deep",
        checker.unique_state_count(),
        checker.max_depth()
    );
    checker.assert_properties();
}

/// The shortest schedule that breaks the property; the test fails when there is none.
fn breaks<M: Model + Send + Sync + 'static>(what: &str, model: M, property: &'static str) -> Vec<M::Action>
where
    M::State: Clone + PartialEq + std::fmt::Debug + std::hash::Hash + Send + Sync,
    M::Action: Clone + PartialEq + std::fmt::Debug + Send + Sync,
{
    // One thread, so that breadth comes first and the schedule is a shortest one.
    let checker = model.checker().threads(1).spawn_bfs().join();
    let path = checker.assert_any_discovery(property);
    let steps = path.into_actions();
    println!(
        "{what}: broken after {} states by {steps:?}",
        checker.unique_state_count()
    );
    steps
}
