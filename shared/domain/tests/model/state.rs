//! The state of a session: the stored item, both cookie jars, and the requests in flight.

/// Names a token within one state. States that differ only in names are the same canonical state.
pub(crate) type Id = u8;

/// A parent that can never be `current` again.
const NOBODY: Id = u8::MAX;
/// A token that was just issued and has no name yet.
pub(crate) const NEW: Id = u8::MAX - 1;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Token {
    pub(crate) jti: Id,
    pub(crate) parent: Id,
    /// Ticks since it was issued, capped where more have no effect.
    pub(crate) age: u8,
    /// Whether it descends from the token that the thief copied.
    pub(crate) descends: bool,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Side {
    Owner,
    Thief,
}

/// The progress of a request.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Stage {
    /// On its way to the function.
    Sent,
    /// The function has read the clock and not yet reached the table.
    Arrived,
    /// The function has found that the token is superseded and has not ended the session yet.
    Superseded,
    /// The response is on its way with the flight's token, a child of the presented one.
    Answered,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Flight {
    pub(crate) side: Side,
    pub(crate) stage: Stage,
    /// Ticks since it was sent.
    pub(crate) sent: u8,
    /// Ticks since the function read the clock.
    pub(crate) clock: u8,
    pub(crate) token: Token,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct State {
    /// The item's `current`; `None` after the session was ended.
    pub(crate) current: Option<Id>,
    /// The owner's cookie jar, which all tabs share, and the thief's.
    pub(crate) jars: [Option<Token>; 2],
    pub(crate) flights: Vec<Flight>,
    /// The token that the thief copied.
    pub(crate) copied: Option<Id>,
    /// Which side has continued: has successfully presented a token that descends from the copied one.
    pub(crate) continued: [bool; 2],
    /// One side was served after the other had continued.
    pub(crate) both_served: bool,
}

impl State {
    /// The state after the sign-in.
    pub(crate) fn start() -> Self {
        let first = Token {
            jti: 1,
            parent: 0,
            age: 0,
            descends: false,
        };
        Self {
            current: Some(0),
            jars: [Some(first), None],
            flights: Vec::new(),
            copied: None,
            continued: [false; 2],
            both_served: false,
        }
    }

    pub(crate) fn tokens(&mut self) -> impl Iterator<Item = &mut Token> {
        let jars = self.jars.iter_mut().flatten();
        jars.chain(self.flights.iter_mut().map(|flight| &mut flight.token))
    }

    pub(crate) fn flights_of(&self, side: Side) -> usize {
        self.flights.iter().filter(|flight| flight.side == side).count()
    }

    /// The canonical form: flights sorted, and tokens named by their order of appearance.
    pub(crate) fn canonical(mut self) -> Self {
        let Some(current) = self.current else {
            // No action follows, so the rest of the state has no effect.
            self.flights.clear();
            self.jars = [None; 2];
            self.copied = None;
            return self;
        };
        self.flights.sort_by_key(|flight| {
            let Flight {
                side,
                stage,
                sent,
                clock,
                token,
            } = *flight;
            (
                side,
                stage,
                sent,
                clock,
                token.age,
                token.descends,
                token.jti,
                token.parent,
            )
        });
        let ids: Vec<Id> = self.tokens().map(|token| token.jti).collect();
        for token in self.tokens() {
            if token.parent != current && !ids.contains(&token.parent) {
                token.parent = NOBODY;
            }
        }
        let mut names = vec![current];
        names.extend(self.copied);
        for token in self.tokens() {
            names.extend([token.jti, token.parent]);
        }
        let name = |id: Id| match id {
            NOBODY => NOBODY,
            // There are fewer than 255 tokens.
            id => u8::try_from(names.iter().position(|&other| other == id).unwrap()).unwrap(),
        };
        self.current = Some(name(current));
        self.copied = self.copied.map(name);
        for token in self.tokens() {
            (token.jti, token.parent) = (name(token.jti), name(token.parent));
        }
        self
    }
}
