//! Every schedule of events, in every order.

use stateright::{Model, Property};

use crate::{
    state::{Flight, NEW, Side, Stage, State, Token},
    table::{Outcome, Variant, ends, present},
};

/// The bounds of a check.
#[derive(Clone)]
pub(crate) struct Schedules {
    pub(crate) variant: Variant,
    /// The policy's minimum age, in ticks.
    pub(crate) min_age: u8,
    /// The maximum duration of a request in ticks, from sending it to the delivery of the response.
    pub(crate) delay: u8,
    /// The maximum number of requests in flight from the owner's tabs.
    pub(crate) tabs: usize,
    /// The maximum number of requests in flight from the thief; 0: there is no thief.
    pub(crate) thieves: usize,
    pub(crate) properties: Vec<Property<Self>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    /// Time passes. Requests that exceed the maximum duration are lost.
    Tick,
    /// A tab or the thief sends the token in its jar.
    Send(Side),
    /// The thief copies the token in the owner's jar.
    CopyJar,
    /// The thief copies the token of a request.
    CopyFlight(usize),
    /// The function reads the clock.
    Arrive(usize),
    /// The first step on the table.
    Present(usize),
    /// The same, but the table's response is lost and the SDK will retry.
    PresentWithoutResponse(usize),
    /// The second step on the table, for a superseded token.
    End(usize),
    /// The browser stores the response's cookie.
    Deliver(usize),
    /// The request or its response is lost, or its sender no longer waits.
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
        for (index, flight) in state.flights.iter().enumerate() {
            if may_copy {
                actions.push(Action::CopyFlight(index));
            }
            actions.push(Action::Lose(index));
            match flight.stage {
                Stage::Sent => actions.push(Action::Arrive(index)),
                Stage::Arrived => {
                    actions.extend([Action::Present(index), Action::PresentWithoutResponse(index)]);
                }
                Stage::Superseded => actions.push(Action::End(index)),
                Stage::Answered => actions.push(Action::Deliver(index)),
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
            Action::CopyFlight(index) => copy(&mut state, last.flights[index].token),
            Action::Arrive(index) => state.flights[index].stage = Stage::Arrived,
            Action::Present(index) => self.present(&mut state, index, true)?,
            Action::PresentWithoutResponse(index) => self.present(&mut state, index, false)?,
            Action::End(index) => {
                if ends(self.variant, state.current?, state.flights[index].token) {
                    state.current = None;
                } else if self.variant == Variant::WithoutEnd {
                    state.flights.remove(index);
                } else {
                    state.flights[index].stage = Stage::Arrived;
                }
            }
            Action::Deliver(index) => {
                let Flight { side, token, .. } = state.flights.remove(index);
                state.jars[side as usize] = Some(token);
            }
            Action::Lose(index) => drop(state.flights.remove(index)),
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
        // A token of this age is old enough at whatever time the clock was read.
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

    fn present(&self, state: &mut State, index: usize, received: bool) -> Option<()> {
        let Flight {
            side, token, clock, ..
        } = state.flights[index];
        let outcome = present(self.variant, self.min_age, state.current?, token, clock);
        let other = 1 - side as usize;
        if outcome != Outcome::Superseded && state.continued[other] {
            state.both_served = true;
        }
        if let Outcome::Rotated(current) = outcome {
            state.current = Some(current);
            state.continued[side as usize] |= token.descends;
        }
        if !received {
            return Some(());
        }
        match outcome {
            Outcome::Rotated(_) => {
                let flight = &mut state.flights[index];
                flight.stage = Stage::Answered;
                flight.clock = 0;
                flight.token = Token {
                    jti: NEW,
                    parent: token.jti,
                    age: clock,
                    descends: token.descends || state.copied == Some(token.jti),
                };
            }
            // The refresh cookie stays: the response changes no jar.
            Outcome::Kept => drop(state.flights.remove(index)),
            Outcome::Superseded => state.flights[index].stage = Stage::Superseded,
        }
        Some(())
    }
}

/// Gives the thief a copy. Tokens already issued from it descend from it too.
fn copy(state: &mut State, token: Token) {
    state.jars[1] = Some(token);
    state.copied = Some(token.jti);
    let mut ancestors = vec![token.jti];
    // There may be a grandchild.
    for _ in 0..2 {
        for token in state.tokens() {
            if ancestors.contains(&token.parent) {
                token.descends = true;
                ancestors.push(token.jti);
            }
        }
    }
}
