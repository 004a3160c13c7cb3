//! What bounds the thief, and that each bound is exact.

use stateright::Property;

use super::{ABSOLUTE, ACCESS, Lifetimes, state::State};

/// Within `for_` ticks of a moment that may not have come.
fn within(now: u8, since: Option<u8>, for_: u8) -> bool {
    since.is_none_or(|since| now < since + for_)
}

/// The bounds.
pub(crate) fn never() -> Vec<Property<Lifetimes>> {
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
pub(crate) fn until() -> Vec<Property<Lifetimes>> {
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
