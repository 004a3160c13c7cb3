//! The bounds on the thief's access, and that each of them is exact.

use stateright::Property;

use super::{ABSOLUTE, ACCESS, Lifetimes, state::State};

/// Whether `now` is less than `ticks` after `since`, or `since` has not happened.
fn within(now: u8, since: Option<u8>, ticks: u8) -> bool {
    since.is_none_or(|since| now < since + ticks)
}

/// The bounds.
pub(crate) fn never() -> Vec<Property<Lifetimes>> {
    vec![
        Property::always(
            "no token outlives the session's absolute end",
            |_, state: &State| !state.bearer() || state.now < ABSOLUTE,
        ),
        Property::always(
            "no token outlives the session's idle end, which only a rotation extends",
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
            "a thief who never continues has one more after the owner has continued",
            |_, state: &State| {
                state.since.thief_continued.is_some()
                    || !state.bearer()
                    || within(state.now, state.since.owner_continued, ACCESS)
            },
        ),
        Property::always(
            "a thief who uses only the copy has access until the copy expires",
            |_, state: &State| {
                state.thief.is_none_or(|thief| state.copied != Some(thief.jti))
                    || !state.bearer()
                    || within(state.now, state.since.copy_expires, ACCESS - 1)
            },
        ),
        Property::always(
            "once a thief has continued, the owner is no longer served and notices",
            |_, state: &State| !state.since.owner_served,
        ),
        Property::always("at most one side continues", |_, state: &State| {
            state.since.owner_continued.is_none() || state.since.thief_continued.is_none()
        }),
        Property::always(
            "when the session is ended, me rejects the thief immediately",
            |_, state: &State| state.since.ended.is_none() || !state.me(),
        ),
        Property::always(
            "when the session is ended, other services reject the thief within an access lifetime",
            |_, state: &State| !state.bearer() || within(state.now, state.since.ended, ACCESS),
        ),
    ]
}

/// The bounds are exact: access is possible until the last tick before each.
pub(crate) fn until() -> Vec<Property<Lifetimes>> {
    vec![
        Property::sometimes(
            "if the owner stays away, a thief has access until the absolute end",
            |_, state: &State| {
                state.me()
                    && state.now == ABSOLUTE - 1
                    && state.since.copied == Some(0)
                    && !state.since.owner_refreshed
            },
        ),
        Property::sometimes(
            "a thief who uses only the copy can have access until the copy's last access token expires",
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
            "a thief who never refreshes can have access for a whole access lifetime",
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
            "a thief who never continues can have access for a whole access lifetime after the owner",
            |_, state: &State| {
                state.me()
                    && state.since.thief_refreshed
                    && state
                        .since
                        .owner_continued
                        .is_some_and(|at| state.now == at + ACCESS - 1)
            },
        ),
    ]
}
