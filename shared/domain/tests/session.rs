//! Whether a session is live: one that is, and each change that ends it.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use gatecrumb_domain::{Authentication, Roles, Session, Timestamp, User, rotation::SessionState};

const NOW: Timestamp = Timestamp(1_800_000_000);
const EARLIER: Timestamp = Timestamp(NOW.0 - 1);
const LATER: Timestamp = Timestamp(NOW.0 + 1);

/// The inputs of the decision.
struct Case {
    user: User,
    session: Session,
    not_before: Timestamp,
}

impl Case {
    /// The session expires in the next second, and it was opened as early as `not_before` allows.
    fn live() -> Self {
        Self {
            user: User {
                id: "user".parse().unwrap(),
                username: "ada".to_owned(),
                email: None,
                name: None,
                roles: Roles::default(),
                active: true,
                session_epoch: 7,
            },
            session: Session {
                id: "session".parse().unwrap(),
                state: SessionState {
                    current: "root".parse().unwrap(),
                    created_at: EARLIER,
                    rotated_at: EARLIER,
                    expires_at: LATER,
                    absolute_expires_at: LATER,
                },
                authentication: Authentication::by_password(EARLIER),
                epoch: 7,
                user_agent: None,
                ip: None,
            },
            not_before: EARLIER,
        }
    }

    fn is_live_after(change: impl FnOnce(&mut Self)) -> bool {
        let mut case = Self::live();
        change(&mut case);
        let is_live = case.session.is_live(&case.user, case.not_before, NOW);
        assert!(!is_live || case.session.state.is_live(case.not_before, NOW));
        is_live
    }
}

#[test]
fn a_session_is_live_until_one_condition_fails() {
    assert!(Case::is_live_after(|_| ()));
    assert!(!Case::is_live_after(|case| case.user.active = false));
    assert!(!Case::is_live_after(|case| case.user.session_epoch = 8));
    assert!(!Case::is_live_after(|case| case.session.epoch = 8));
    assert!(!Case::is_live_after(|case| case.session.state.expires_at = NOW));
    assert!(!Case::is_live_after(|case| case
        .session
        .state
        .absolute_expires_at = NOW));
    assert!(!Case::is_live_after(|case| case.session.state.created_at.0 -= 1));
    assert!(!Case::is_live_after(|case| case.not_before = NOW));
}

#[test]
fn the_user_alone_does_not_decide() {
    // A session that is over stays over for an inactive user and for a user with another epoch.
    assert!(!Case::is_live_after(|case| {
        case.user.active = false;
        case.session.state.expires_at = NOW;
    }));
    assert!(!Case::is_live_after(|case| {
        case.user.session_epoch = 8;
        case.user.active = false;
    }));
}

#[test]
fn a_session_ends_at_the_earlier_of_its_ends() {
    let mut state = Case::live().session.state;
    for (idle, absolute, ends_at) in [(5, 9, 5), (9, 5, 5), (5, 5, 5)] {
        state.expires_at = Timestamp(idle);
        state.absolute_expires_at = Timestamp(absolute);
        assert_eq!(state.ends_at(), Timestamp(ends_at));
    }
}
