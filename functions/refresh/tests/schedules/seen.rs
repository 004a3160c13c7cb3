//! Counts what the schedules covered: a run that covers little proves little.

use std::ops::AddAssign;

/// How often each case occurred.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) schedules: u64,
    pub(crate) rotated: u64,
    /// Rotations of a token that had been rotated before.
    pub(crate) repeated: u64,
    pub(crate) kept: u64,
    /// Responses that no tab received.
    pub(crate) undelivered: u64,
    /// Responses that replaced the token of a later request.
    pub(crate) reordered: u64,
    pub(crate) unheard: u64,
    pub(crate) lost: u64,
    pub(crate) unavailable: u64,
    pub(crate) caught_midway: u64,
    pub(crate) caught_at_last: u64,
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        let Self {
            schedules,
            rotated,
            repeated,
            kept,
            undelivered,
            reordered,
            unheard,
            lost,
            unavailable,
            caught_midway,
            caught_at_last,
        } = other;
        self.schedules += schedules;
        self.rotated += rotated;
        self.repeated += repeated;
        self.kept += kept;
        self.undelivered += undelivered;
        self.reordered += reordered;
        self.unheard += unheard;
        self.lost += lost;
        self.unavailable += unavailable;
        self.caught_midway += caught_midway;
        self.caught_at_last += caught_at_last;
    }
}
