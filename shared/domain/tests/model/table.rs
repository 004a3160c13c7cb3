//! The session's item and the function's steps on it: the shipped decision, with the conditions of `advance_session`
//! and `end_reused_session` in `shared/store/src/sessions/rotation.rs`.

use std::{sync::LazyLock, time::Duration};

use gatecrumb_domain::{
    RefreshClaims, Timestamp, TokenId,
    rotation::{Decision, RotationPolicy, SessionState},
};

use crate::state::{Id, Token};

/// The current time, from which ages are subtracted.
const NOW: u64 = 1_000_000;

static IDS: LazyLock<Vec<TokenId>> =
    LazyLock::new(|| (0..=255).map(|id| format!("t{id}").parse().unwrap()).collect());

/// The shipped policy, or one with a defect that the checker must find.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Variant {
    Shipped,
    /// A token that is `current` itself counts as superseded: a lost response ends the session.
    WithoutReissue,
    /// Tokens of any age rotate.
    WithoutMinimumAge,
    /// A superseded token is rejected, but the session stays live.
    WithoutEnd,
    /// A superseded token is accepted like a young one.
    WithoutReuse,
}

/// The outcome of a step on the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// The token is in use: this is the new `current`, and a child of it is issued.
    Rotated(Id),
    /// The token is in use and young: nothing changes.
    Kept,
    Superseded,
}

/// The token id for a name.
pub(crate) fn id(name: Id) -> TokenId {
    IDS[usize::from(name)].clone()
}

/// The outcome of the function's first step on an item with this `current`. The function read the clock `ago` ticks
/// ago.
pub(crate) fn present(variant: Variant, min_age: u8, current: Id, token: Token, ago: u8) -> Outcome {
    let min_age = if variant == Variant::WithoutMinimumAge {
        0
    } else {
        min_age
    };
    let policy = RotationPolicy {
        min_age: Duration::from_secs(min_age.into()),
        access_lifetime: Duration::from_secs(min_age.into()),
        sessions_not_before: Timestamp(0),
    };
    let now = Timestamp(NOW - u64::from(ago));
    let claims = claims(token);
    let item = SessionState {
        current: IDS[usize::from(current)].clone(),
        created_at: Timestamp(0),
        rotated_at: Timestamp(0),
        expires_at: Timestamp(u64::MAX),
        absolute_expires_at: Timestamp(u64::MAX),
    };
    let decision = policy.decide(Some(&item), &claims, now);
    // `#current IN (:jti, :parent)`: a young token is read, not written.
    let in_use = item.current == claims.jti || item.current == claims.parent;
    let written = !policy.is_young(&claims, now) && in_use;
    let rotates = matches!(decision, Decision::Rotate | Decision::Reissue { .. });
    assert_eq!(written, rotates, "the table's condition and the policy disagree");
    match decision {
        Decision::Reissue { .. } if variant == Variant::WithoutReissue => Outcome::Superseded,
        Decision::Rotate | Decision::Reissue { .. } => Outcome::Rotated(token.jti),
        Decision::Keep => Outcome::Kept,
        Decision::Reuse if variant == Variant::WithoutReuse => Outcome::Kept,
        Decision::Reuse => Outcome::Superseded,
        Decision::Gone => panic!("the session exists and never expires"),
    }
}

/// Whether the function's second step, for a superseded token, deletes the item: `NOT #current IN (:jti, :parent)`.
pub(crate) fn ends(variant: Variant, current: Id, token: Token) -> bool {
    match variant {
        Variant::WithoutEnd => false,
        // In this variant, the condition matches the variant's own decision.
        Variant::WithoutReissue => current != token.parent,
        _ => current != token.jti && current != token.parent,
    }
}

fn claims(token: Token) -> RefreshClaims {
    static SUBJECT: LazyLock<RefreshClaims> = LazyLock::new(|| RefreshClaims {
        sub: "u".parse().unwrap(),
        sid: "s".parse().unwrap(),
        jti: IDS[0].clone(),
        parent: IDS[0].clone(),
        iat: Timestamp(0),
        exp: Timestamp(u64::MAX),
    });
    RefreshClaims {
        jti: IDS[usize::from(token.jti)].clone(),
        parent: IDS[usize::from(token.parent)].clone(),
        iat: Timestamp(NOW - u64::from(token.age)),
        ..SUBJECT.clone()
    }
}
