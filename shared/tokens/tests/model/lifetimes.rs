//! What a thief can do who is not caught, and for how long: everything that a copied token opens ends with the
//! session's lifetimes, or an access lifetime after the owner has gone on.
//!
//! Requests are instant here and time is counted from the sign-in, with both ends of the session in it.

use std::time::Duration;

use gatecrumb_tokens::{
    RefreshClaims, Timestamp,
    rotation::{Decision, Rule, SessionState},
};
use stateright::{Model, Property};

use crate::{
    holds,
    state::{Id, NEW, Side},
    table::id,
};

const MIN_AGE: u8 = 2;
const ACCESS: u8 = 3;
const IDLE: u8 = 5;
const ABSOLUTE: u8 = 11;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Token {
    jti: Id,
    parent: Id,
    iat: u8,
    exp: u8,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Row {
    current: Id,
    /// An idle lifetime after the last rotation.
    expires_at: u8,
}

/// When things happened that bound the thief.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
struct Since {
    copied: Option<u8>,
    /// `exp` of the token copied.
    copy_expires: Option<u8>,
    /// Each side has refreshed since the copy.
    thief_refreshed: bool,
    owner_refreshed: bool,
    /// Presented, with success, a token that comes of the copied one.
    owner_gone_on: Option<u8>,
    thief_gone_on: Option<u8>,
    /// The session was ended as reused, or the owner signed out.
    ended: Option<u8>,
    /// The owner was served after the thief had gone on.
    owner_served: bool,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct State {
    now: u8,
    row: Option<Row>,
    owner: Token,
    thief: Option<Token>,
    copied: Option<Id>,
    /// When the best access token in the thief's hands runs out.
    thief_access: u8,
    owner_access: u8,
    since: Since,
}

impl State {
    /// The thief holds a token that a service takes which asks nobody but the public keys.
    fn bearer(&self) -> bool {
        self.now < self.thief_access
    }

    /// The same state with names by their places.
    fn canonical(mut self) -> Self {
        let Some(row) = &mut self.row else {
            // Only the thief's access token is left of it.
            self.owner = Token {
                jti: 0,
                parent: 0,
                iat: 0,
                exp: 0,
            };
            self.owner_access = 0;
            return self;
        };
        let mut names = vec![row.current];
        names.extend(self.copied);
        for token in [Some(self.owner), self.thief].into_iter().flatten() {
            names.extend([token.jti, token.parent]);
        }
        let name = |id: Id| u8::try_from(names.iter().position(|&other| other == id).unwrap()).unwrap();
        row.current = name(row.current);
        self.copied = self.copied.map(name);
        for token in [Some(&mut self.owner), self.thief.as_mut()].into_iter().flatten() {
            (token.jti, token.parent) = (name(token.jti), name(token.parent));
        }
        self
    }

    /// `me` answers the thief: it wants a session that is alive, too.
    fn me(&self) -> bool {
        self.bearer()
            && self
                .row
                .is_some_and(|row| self.now < row.expires_at.min(ABSOLUTE))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
    Tick,
    /// The thief copies both of the owner's cookies.
    Copy,
    /// A refresh whose new cookie is kept.
    Refresh(Side),
    /// The thief refreshes and throws the new refresh token away: it never goes on.
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
        let rule = Rule {
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
        let (rotates, idle_end) = match rule.decide(row.as_ref(), &claims, Timestamp(now.into())) {
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
        // The child of a token is told from it by its name: whoever holds another one than the copy has got it since.
        let descends = state.copied.is_some_and(|copied| token.jti != copied);
        if side == Side::Owner {
            state.owner_access = access;
            state.since.owner_refreshed |= state.copied.is_some();
            state.since.owner_served |= state.since.thief_gone_on.is_some();
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
                Side::Owner => &mut state.since.owner_gone_on,
                Side::Thief => &mut state.since.thief_gone_on,
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
        let mut properties = never();
        properties.extend(until());
        properties
    }
}

/// Within `for_` ticks of a moment that may not have come.
fn within(now: u8, since: Option<u8>, for_: u8) -> bool {
    since.is_none_or(|since| now < since + for_)
}

/// The bounds.
fn never() -> Vec<Property<Lifetimes>> {
    vec![
        Property::always(
            "no token outlives the session's absolute end",
            |_, state: &State| !state.bearer() || state.now < ABSOLUTE,
        ),
        Property::always(
            "nor its idle end, which a rotation alone moves",
            |_, state: &State| {
                state
                    .row
                    .is_none_or(|row| !state.bearer() || state.now < row.expires_at)
            },
        ),
        Property::always(
            "a thief who never refreshes has one access lifetime",
            |_, state: &State| {
                state.since.thief_refreshed
                    || !state.bearer()
                    || within(state.now, state.since.copied, ACCESS)
            },
        ),
        Property::always(
            "a thief who never goes on has one more when the owner has",
            |_, state: &State| {
                state.since.thief_gone_on.is_some()
                    || !state.bearer()
                    || within(state.now, state.since.owner_gone_on, ACCESS)
            },
        ),
        Property::always(
            "one who keeps to the copy has it while the copy lasts",
            |_, state: &State| {
                state.thief.is_none_or(|thief| state.copied != Some(thief.jti))
                    || !state.bearer()
                    || within(state.now, state.since.copy_expires, ACCESS - 1)
            },
        ),
        Property::always(
            "a thief who has gone on shuts the owner out, who then knows",
            |_, state: &State| !state.since.owner_served,
        ),
        Property::always("both never go on", |_, state: &State| {
            state.since.owner_gone_on.is_none() || state.since.thief_gone_on.is_none()
        }),
        Property::always(
            "when the session is ended, me is over at once",
            |_, state: &State| state.since.ended.is_none() || !state.me(),
        ),
        Property::always(
            "and a token elsewhere within an access lifetime",
            |_, state: &State| !state.bearer() || within(state.now, state.since.ended, ACCESS),
        ),
    ]
}

/// That the bounds are exact: access is possible until the last tick before each.
fn until() -> Vec<Property<Lifetimes>> {
    vec![
        Property::sometimes(
            "a thief whose owner stays away has all of it",
            |_, state: &State| {
                state.me()
                    && state.now == ABSOLUTE - 1
                    && state.since.copied == Some(0)
                    && !state.since.owner_refreshed
            },
        ),
        Property::sometimes(
            "one who keeps to the copy has it until that runs out",
            |_, state: &State| {
                state.me()
                    && state.thief.is_some_and(|thief| state.copied == Some(thief.jti))
                    && state
                        .since
                        .copy_expires
                        .is_some_and(|end| state.now == end + ACCESS - 2)
            },
        ),
        Property::sometimes(
            "one who never refreshes has all of an access lifetime",
            |_, state: &State| {
                state.me()
                    && !state.since.thief_refreshed
                    && state
                        .since
                        .copied
                        .is_some_and(|copied| state.now == copied + ACCESS - 1)
            },
        ),
        Property::sometimes(
            "one who never goes on, all of it after the owner has",
            |_, state: &State| {
                state.me()
                    && state.since.thief_refreshed
                    && state
                        .since
                        .owner_gone_on
                        .is_some_and(|gone_on| state.now == gone_on + ACCESS - 1)
            },
        ),
    ]
}

#[test]
fn a_thief_who_is_not_caught_is_bounded_by_the_lifetimes() {
    holds("the lifetimes", Lifetimes);
}
