//! A moment of a session: the row, both jars, and the requests under way.

/// Names a token within one state; states that differ in names alone are made equal.
pub(crate) type Id = u8;

/// A parent that can never be `current` again.
const NOBODY: Id = u8::MAX;
/// A token just minted, until it gets its name.
pub(crate) const NEW: Id = u8::MAX - 1;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Token {
    pub(crate) jti: Id,
    pub(crate) parent: Id,
    /// Ticks since it was issued, as far as they matter.
    pub(crate) age: u8,
    /// Whether it comes of the token that the thief copied.
    pub(crate) descends: bool,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Side {
    Owner,
    Thief,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Stage {
    /// On its way to the function.
    Sent,
    /// The function has read the clock and not yet reached the table.
    Arrived,
    /// The function knows that the token is superseded and has not yet ended the session.
    Superseded,
    /// The answer is on its way, with the flight's token: a child of the one presented.
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
    /// The row's `current`; `None` when the session has been ended.
    pub(crate) current: Option<Id>,
    /// The owner's jar, which all tabs share, and the thief's.
    pub(crate) jars: [Option<Token>; 2],
    pub(crate) flights: Vec<Flight>,
    /// The token that the thief copied.
    pub(crate) copied: Option<Id>,
    /// Who has gone on: presented with success a token that comes of the copied one.
    pub(crate) gone_on: [bool; 2],
    /// Somebody was served after the other side had gone on.
    pub(crate) both_served: bool,
}

impl State {
    /// Just signed in.
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
            gone_on: [false; 2],
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

    /// The same state by its canonical names: flights in an order, tokens named as they come in it.
    pub(crate) fn canonical(mut self) -> Self {
        let Some(current) = self.current else {
            // Nothing follows: how it came about does not matter.
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
            // Places up to the first of the same are fewer than 255: so many tokens there are not.
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
