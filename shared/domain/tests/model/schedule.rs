//! Every schedule: whatever can happen next, in whatever order.

use stateright::{Model, Property};

use crate::{
    state::{Flight, NEW, Side, Stage, State, Token},
    table::{Outcome, Variant, ends, present},
};

/// The bounds of a check.
#[derive(Clone)]
pub(crate) struct Schedules {
    pub(crate) variant: Variant,
    /// The rule's minimum age, in ticks.
    pub(crate) min_age: u8,
    /// No request lives longer, from its sending to its answer's delivery.
    pub(crate) delay: u8,
    /// Requests of the owner's tabs under way at once.
    pub(crate) tabs: usize,
    /// Requests of the thief's under way at once; 0: there is no thief.
    pub(crate) thieves: usize,
    pub(crate) properties: Vec<Property<Self>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    /// Time passes; what is too old by then is lost.
    Tick,
    /// A tab (or the thief) sends the token of its jar.
    Send(Side),
    /// The thief copies the token that is in the owner's jar, or with one of the requests.
    CopyJar,
    CopyFlight(usize),
    /// The function reads the clock.
    Arrive(usize),
    /// The first step on the table.
    Present(usize),
    /// The same, but the table's answer is lost and the SDK will call again.
    PresentUnheard(usize),
    /// The second step on the table, for a superseded token.
    End(usize),
    /// The answer's cookie is stored.
    Deliver(usize),
    /// The request or its answer is lost, or whoever waits for it has gone.
    Lose(usize),
}

impl Model for Schedules {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::start().canonical()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.current.is_none() {
            return;
        }
        actions.push(Action::Tick);
        for (side, bound) in [(Side::Owner, self.tabs), (Side::Thief, self.thieves)] {
            if state.jars[side as usize].is_some() && state.flights_of(side) < bound {
                actions.push(Action::Send(side));
            }
        }
        let may_copy = self.thieves > 0 && state.copied.is_none();
        if may_copy {
            actions.push(Action::CopyJar);
        }
        for (place, flight) in state.flights.iter().enumerate() {
            if may_copy {
                actions.push(Action::CopyFlight(place));
            }
            actions.push(Action::Lose(place));
            match flight.stage {
                Stage::Sent => actions.push(Action::Arrive(place)),
                Stage::Arrived => actions.extend([Action::Present(place), Action::PresentUnheard(place)]),
                Stage::Superseded => actions.push(Action::End(place)),
                Stage::Answered => actions.push(Action::Deliver(place)),
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Tick => self.tick(&mut state),
            Action::Send(side) => state.flights.push(Flight {
                side,
                stage: Stage::Sent,
                sent: 0,
                clock: 0,
                token: state.jars[side as usize]?,
            }),
            Action::CopyJar => copy(&mut state, last.jars[0]?),
            Action::CopyFlight(place) => copy(&mut state, last.flights[place].token),
            Action::Arrive(place) => state.flights[place].stage = Stage::Arrived,
            Action::Present(place) => self.present(&mut state, place, true)?,
            Action::PresentUnheard(place) => self.present(&mut state, place, false)?,
            Action::End(place) => {
                if ends(self.variant, state.current?, state.flights[place].token) {
                    state.current = None;
                } else if self.variant == Variant::WithoutEnd {
                    state.flights.remove(place);
                } else {
                    state.flights[place].stage = Stage::Arrived;
                }
            }
            Action::Deliver(place) => {
                let Flight { side, token, .. } = state.flights.remove(place);
                state.jars[side as usize] = Some(token);
            }
            Action::Lose(place) => drop(state.flights.remove(place)),
        }
        let state = state.canonical();
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.properties.clone()
    }
}

impl Schedules {
    fn tick(&self, state: &mut State) {
        // Older than this, a token was old enough whenever the clock was read.
        let cap = self.min_age + self.delay;
        for token in state.tokens() {
            token.age = cap.min(token.age + 1);
        }
        for flight in &mut state.flights {
            flight.sent += 1;
            flight.clock += u8::from(matches!(flight.stage, Stage::Arrived | Stage::Superseded));
        }
        state.flights.retain(|flight| flight.sent <= self.delay);
    }

    fn present(&self, state: &mut State, place: usize, heard: bool) -> Option<()> {
        let Flight {
            side, token, clock, ..
        } = state.flights[place];
        let outcome = present(self.variant, self.min_age, state.current?, token, clock);
        let other = 1 - side as usize;
        if outcome != Outcome::Superseded && state.gone_on[other] {
            state.both_served = true;
        }
        if let Outcome::Rotated(current) = outcome {
            state.current = Some(current);
            state.gone_on[side as usize] |= token.descends;
        }
        if !heard {
            return Some(());
        }
        match outcome {
            Outcome::Rotated(_) => {
                let flight = &mut state.flights[place];
                flight.stage = Stage::Answered;
                flight.clock = 0;
                flight.token = Token {
                    jti: NEW,
                    parent: token.jti,
                    age: clock,
                    descends: token.descends || state.copied == Some(token.jti),
                };
            }
            // The refresh cookie stays: the answer changes no jar.
            Outcome::Kept => drop(state.flights.remove(place)),
            Outcome::Superseded => state.flights[place].stage = Stage::Superseded,
        }
        Some(())
    }
}

/// The thief gets a copy; what was minted of that token already, comes of it as well.
fn copy(state: &mut State, token: Token) {
    state.jars[1] = Some(token);
    state.copied = Some(token.jti);
    let mut of = vec![token.jti];
    // A child's child may be there, too.
    for _ in 0..2 {
        for token in state.tokens() {
            if of.contains(&token.parent) {
                token.descends = true;
                of.push(token.jti);
            }
        }
    }
}
