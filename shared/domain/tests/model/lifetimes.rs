//! How long a thief who is not caught has access: until the session's lifetimes end, or for one access lifetime after
//! the owner has continued.
//!
//! In this model, requests take no time, and time starts at the sign-in and includes both ends of the session.

mod bounds;
mod state;

use std::time::Duration;

use gatecrumb_domain::{
    RefreshClaims, Timestamp,
    rotation::{Decision, RotationPolicy, SessionState},
};
use state::{Row, Since, State, Token};
use stateright::{Model, Property};

use crate::{
    holds,
    state::{NEW, Side},
    table::id,
};

const MIN_AGE: u8 = 2;
const ACCESS: u8 = 3;
const IDLE: u8 = 5;
const ABSOLUTE: u8 = 11;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
    Tick,
    /// The thief copies both of the owner's cookies.
    Copy,
    /// A refresh whose new cookie is kept.
    Refresh(Side),
    /// The thief refreshes and discards the new refresh token, so it never continues.
    Repeat,
    SignOut,
}

struct Lifetimes;

impl Lifetimes {
    fn present(state: &mut State, side: Side, token: Token, keep: bool) {
        let now = state.now;
        if now >= token.exp {
            return;
        }
        let policy = RotationPolicy {
            min_age: Duration::from_secs(MIN_AGE.into()),
            access_lifetime: Duration::from_secs(ACCESS.into()),
            sessions_not_before: Timestamp(0),
        };
        let claims = RefreshClaims {
            sub: "u".parse().unwrap(),
            sid: "s".parse().unwrap(),
            jti: id(token.jti),
            parent: id(token.parent),
            iat: Timestamp(token.iat.into()),
            exp: Timestamp(token.exp.into()),
        };
        let row = state.row.map(|row| SessionState {
            current: id(row.current),
            created_at: Timestamp(0),
            rotated_at: Timestamp((row.expires_at - IDLE).into()),
            expires_at: Timestamp(row.expires_at.into()),
            absolute_expires_at: Timestamp(ABSOLUTE.into()),
        });
        let (rotates, idle_end) = match policy.decide(row.as_ref(), &claims, Timestamp(now.into())) {
            Decision::Gone => return,
            Decision::Reuse => {
                state.row = None;
                state.since.ended = Some(now);
                return;
            }
            Decision::Keep => (false, state.row.unwrap().expires_at),
            Decision::Rotate | Decision::Reissue { .. } => (true, now + IDLE),
        };
        let ends_at = idle_end.min(ABSOLUTE);
        let access = (now + ACCESS).min(ends_at);
        // A token with another id than the copy was issued after it.
        let descends = state.copied.is_some_and(|copied| token.jti != copied);
        if side == Side::Owner {
            state.owner_access = access;
            state.since.owner_refreshed |= state.copied.is_some();
            state.since.owner_served |= state.since.thief_continued.is_some();
        } else {
            state.thief_access = access;
            state.since.thief_refreshed = true;
        }
        if !rotates {
            return;
        }
        state.row = Some(Row {
            current: token.jti,
            expires_at: idle_end,
        });
        if descends {
            let since = match side {
                Side::Owner => &mut state.since.owner_continued,
                Side::Thief => &mut state.since.thief_continued,
            };
            since.get_or_insert(now);
        }
        if keep {
            let child = Token {
                jti: NEW,
                parent: token.jti,
                iat: now,
                exp: ends_at,
            };
            match side {
                Side::Owner => state.owner = child,
                Side::Thief => state.thief = Some(child),
            }
        }
    }
}

impl Model for Lifetimes {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let end = IDLE.min(ABSOLUTE);
        vec![State {
            now: 0,
            row: Some(Row {
                current: 0,
                expires_at: IDLE,
            }),
            owner: Token {
                jti: 1,
                parent: 0,
                iat: 0,
                exp: end,
            },
            thief: None,
            copied: None,
            thief_access: 0,
            owner_access: ACCESS.min(end),
            since: Since::default(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.now > ABSOLUTE {
            return;
        }
        actions.push(Action::Tick);
        if state.row.is_none() {
            return;
        }
        actions.extend([Action::Refresh(Side::Owner), Action::SignOut]);
        if state.thief.is_none() {
            actions.push(Action::Copy);
        } else {
            actions.extend([Action::Refresh(Side::Thief), Action::Repeat]);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Tick => state.now += 1,
            Action::Copy => {
                state.thief = Some(last.owner);
                state.copied = Some(last.owner.jti);
                state.thief_access = last.owner_access;
                state.since.copied = Some(last.now);
                state.since.copy_expires = Some(last.owner.exp);
            }
            Action::Refresh(Side::Owner) => Self::present(&mut state, Side::Owner, last.owner, true),
            Action::Refresh(Side::Thief) => Self::present(&mut state, Side::Thief, last.thief?, true),
            Action::Repeat => Self::present(&mut state, Side::Thief, last.thief?, false),
            Action::SignOut => {
                last.row?;
                state.row = None;
                state.since.ended = Some(last.now);
            }
        }
        let state = state.canonical();
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = bounds::never();
        properties.extend(bounds::until());
        properties
    }
}

#[test]
fn the_lifetimes_bound_a_thief_who_is_not_caught() {
    holds("the lifetimes", Lifetimes);
}
