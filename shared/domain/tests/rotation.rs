//! The rotation policy: an example of each decision, then properties of all states.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use std::time::Duration;

use gatecrumb_domain::{
    RefreshClaims, Timestamp,
    rotation::{Decision, RotationPolicy, SessionState},
};
use proptest::prelude::*;

const NOW: u64 = 1_000_000;
const POLICY: RotationPolicy = RotationPolicy {
    min_age: Duration::from_secs(300),
    access_lifetime: Duration::from_secs(900),
    sessions_not_before: Timestamp(0),
};

fn token(jti: &str, parent: &str, iat: u64) -> RefreshClaims {
    RefreshClaims {
        sub: "u".parse().unwrap(),
        sid: "s".parse().unwrap(),
        jti: jti.parse().unwrap(),
        parent: parent.parse().unwrap(),
        iat: Timestamp(iat),
        exp: Timestamp(u64::MAX),
    }
}

fn session(current: &str) -> SessionState {
    SessionState {
        current: current.parse().unwrap(),
        created_at: Timestamp(NOW - 5000),
        rotated_at: Timestamp(NOW - 800),
        expires_at: Timestamp(NOW + 1000),
        absolute_expires_at: Timestamp(NOW + 2000),
    }
}

fn decide(session: &SessionState, token: &RefreshClaims) -> Decision {
    POLICY.decide(Some(session), token, Timestamp(NOW))
}

#[test]
fn a_child_of_current_rotates() {
    assert_eq!(
        decide(&session("a"), &token("b", "a", NOW - 300)),
        Decision::Rotate
    );
}

#[test]
fn current_itself_gets_another_child_at_any_age() {
    // It is repeated more than an access lifetime after it was first used.
    for (ago, repeated) in [
        (300, false),
        (899, false),
        (900, false),
        (901, true),
        (2000, true),
    ] {
        let session = SessionState {
            rotated_at: Timestamp(NOW - ago),
            ..session("b")
        };
        assert_eq!(
            decide(&session, &token("b", "a", NOW - ago)),
            Decision::Reissue { repeated },
            "{ago} seconds"
        );
    }
}

#[test]
fn a_young_token_in_use_is_kept() {
    assert_eq!(decide(&session("a"), &token("b", "a", NOW - 299)), Decision::Keep);
    assert_eq!(decide(&session("b"), &token("b", "a", NOW)), Decision::Keep);
    // A machine whose clock is ahead issued it.
    assert_eq!(decide(&session("b"), &token("b", "a", NOW + 5)), Decision::Keep);
}

#[test]
fn a_superseded_token_is_reuse_young_or_old() {
    assert_eq!(
        decide(&session("c"), &token("b", "a", NOW - 800)),
        Decision::Reuse
    );
    assert_eq!(decide(&session("c"), &token("b", "a", NOW - 1)), Decision::Reuse);
}

#[test]
fn a_missing_expired_or_too_old_session_is_gone() {
    let child = token("b", "a", NOW - 400);
    assert_eq!(POLICY.decide(None, &child, Timestamp(NOW)), Decision::Gone);
    let idle = SessionState {
        expires_at: Timestamp(NOW),
        ..session("a")
    };
    assert_eq!(decide(&idle, &child), Decision::Gone);
    let over = SessionState {
        absolute_expires_at: Timestamp(NOW),
        ..session("a")
    };
    assert_eq!(decide(&over, &child), Decision::Gone);
    let too_old = RotationPolicy {
        sessions_not_before: Timestamp(NOW - 4999),
        ..POLICY
    };
    assert_eq!(
        too_old.decide(Some(&session("a")), &child, Timestamp(NOW)),
        Decision::Gone
    );
    // A superseded token of a session that is over is not reported as reuse.
    assert_eq!(
        decide(
            &SessionState {
                expires_at: Timestamp(0),
                ..session("z")
            },
            &child
        ),
        Decision::Gone
    );
}

/// A step: which of the tokens issued so far is presented, and how many seconds after the last step.
type Step = (prop::sample::Index, u64);

proptest! {
    #[test]
    fn the_decision_follows_from_the_ids_and_the_age(
        current in "[abc]", jti in "[abc]", parent in "[abc]",
        age in 0_u64..1000, rotated in 0_u64..2000, idle in 0_u64..10, end in 0_u64..10,
    ) {
        let state = SessionState {
            rotated_at: Timestamp(NOW - rotated),
            expires_at: Timestamp(NOW - 5 + idle),
            absolute_expires_at: Timestamp(NOW - 5 + end),
            ..session(&current)
        };
        let is_live = idle > 5 && end > 5;
        let in_use = current == jti || current == parent;
        let outcome = decide(&state, &token(&jti, &parent, NOW - age));
        prop_assert_eq!(is_live, outcome != Decision::Gone);
        if is_live {
            prop_assert_eq!(in_use, outcome != Decision::Reuse);
            prop_assert_eq!(in_use && age < 300, outcome == Decision::Keep);
        }
    }

    /// In every order of presentations, a superseded token stays superseded as long as the session lives, and `current`
    /// never returns to an earlier generation.
    #[test]
    fn reuse_is_terminal(steps in proptest::collection::vec((any::<prop::sample::Index>(), 0_u64..700), 1..60)) {
        let mut now = NOW;
        let mut state = SessionState { expires_at: Timestamp(u64::MAX), absolute_expires_at: Timestamp(u64::MAX), ..session("root") };
        let mut issued = vec![(token("t0", "root", now), 1_u32)];
        let mut generation = 0;
        let mut superseded: Vec<RefreshClaims> = Vec::new();
        let steps: Vec<Step> = steps;
        for (pick, pause) in steps {
            now += pause;
            let (presented, depth) = issued[pick.index(issued.len())].clone();
            let outcome = POLICY.decide(Some(&state), &presented, Timestamp(now));
            if superseded.contains(&presented) {
                prop_assert_eq!(outcome, Decision::Reuse);
            }
            match outcome {
                Decision::Rotate | Decision::Reissue { .. } => {
                    prop_assert!(depth >= generation, "current returned to an earlier generation");
                    generation = depth;
                    state.current = presented.jti.clone();
                    state.rotated_at = Timestamp(now);
                    let name = format!("t{}", issued.len());
                    issued.push((token(&name, presented.jti.as_str(), now), depth + 1));
                }
                Decision::Reuse => superseded.push(presented),
                Decision::Keep => {}
                Decision::Gone => prop_assert!(false, "this session never expires"),
            }
        }
    }
}
