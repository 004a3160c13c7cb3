//! The state of a session with both of its ends and what the thief holds.

use super::ABSOLUTE;
use crate::state::Id;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Token {
    pub(crate) jti: Id,
    pub(crate) parent: Id,
    pub(crate) iat: u8,
    pub(crate) exp: u8,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Row {
    pub(crate) current: Id,
    /// One idle lifetime after the last rotation.
    pub(crate) expires_at: u8,
}

/// The events that bound the thief, and their times.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Since {
    pub(crate) copied: Option<u8>,
    /// `exp` of the copied token.
    pub(crate) copy_expires: Option<u8>,
    /// Whether each side has refreshed since the copy.
    pub(crate) thief_refreshed: bool,
    pub(crate) owner_refreshed: bool,
    /// When each side first successfully presented a token that descends from the copied one.
    pub(crate) owner_continued: Option<u8>,
    pub(crate) thief_continued: Option<u8>,
    /// When the session was ended because of reuse or a sign-out.
    pub(crate) ended: Option<u8>,
    /// Whether the owner was served after the thief had continued.
    pub(crate) owner_served: bool,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct State {
    pub(crate) now: u8,
    pub(crate) row: Option<Row>,
    pub(crate) owner: Token,
    pub(crate) thief: Option<Token>,
    pub(crate) copied: Option<Id>,
    /// When the last of the thief's access tokens expires.
    pub(crate) thief_access: u8,
    pub(crate) owner_access: u8,
    pub(crate) since: Since,
}

impl State {
    /// Whether the thief has an access token that a service accepts which verifies it only with the public keys.
    pub(crate) fn bearer(&self) -> bool {
        self.now < self.thief_access
    }

    /// The canonical form: tokens named by their order of appearance.
    pub(crate) fn canonical(mut self) -> Self {
        let Some(row) = &mut self.row else {
            // Only the thief's access token still has an effect.
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

    /// Whether `me` accepts the thief: it also requires a live session.
    pub(crate) fn me(&self) -> bool {
        self.bearer()
            && self
                .row
                .is_some_and(|row| self.now < row.expires_at.min(ABSOLUTE))
    }
}
