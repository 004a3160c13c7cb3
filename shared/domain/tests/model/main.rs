//! A model checker runs [`RotationPolicy::decide`] in every schedule of requests within bounds.
//!
//! A tick is one second of the model. A state holds ages instead of times, capped where a greater age has no effect.
//! The set of states is therefore finite although time is not: the properties hold for sessions of any length.
//!
//! `cargo test -p gatecrumb-domain --test model -- --nocapture` prints the number of states of each check. With
//! `--release … --include-ignored`, the checks with larger bounds run too.
//!
//! [`RotationPolicy::decide`]: gatecrumb_domain::rotation::RotationPolicy::decide

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

/// Explores all states and asserts that every `always` property holds and every `sometimes` property is reached.
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

/// The shortest schedule that violates the property; the test fails if there is none.
fn breaks<M: Model + Send + Sync + 'static>(what: &str, model: M, property: &'static str) -> Vec<M::Action>
where
    M::State: Clone + PartialEq + std::fmt::Debug + std::hash::Hash + Send + Sync,
    M::Action: Clone + PartialEq + std::fmt::Debug + Send + Sync,
{
    // With one thread, the search is breadth-first and finds a shortest schedule.
    let checker = model.checker().threads(1).spawn_bfs().join();
    let path = checker.assert_any_discovery(property);
    let steps = path.into_actions();
    println!(
        "{what}: violated after {} states by {steps:?}",
        checker.unique_state_count()
    );
    steps
}
