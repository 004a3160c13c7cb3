//! The row and the function's steps on it: the conditions of `advance_session` and `end_reused_session` in
//! `shared/store/src/sessions.rs`, around the decision that ships.

use std::{sync::LazyLock, time::Duration};

use gatecrumb_domain::{
    RefreshClaims, Timestamp, TokenId,
    rotation::{Decision, RotationPolicy, SessionState},
};

use crate::state::{Id, Token};

/// The present, of which ages are subtracted.
const NOW: u64 = 1_000_000;

static IDS: LazyLock<Vec<TokenId>> =
    LazyLock::new(|| (0..=255).map(|id| format!("t{id}").parse().unwrap()).collect());

/// The rule as it ships, or with one thing wrong: what the checker must find, or it proves nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Variant {
    Shipped,
    /// A token that is `current` itself is taken for superseded: a lost answer signs out.
    WithoutReissue,
    /// Tokens rotate however young they are.
    WithoutMinimumAge,
    /// A superseded token is refused, but the session goes on.
    WithoutEnd,
    /// A superseded token is answered like a young one.
    WithoutReuse,
}

/// What a step on the table found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// The token is in use: `current` is from now on the first; a child is minted.
    Rotated(Id),
    /// It is in use and young: nothing changes.
    Kept,
    Superseded,
}

/// The id of that name.
pub(crate) fn id(name: Id) -> TokenId {
    IDS[usize::from(name)].clone()
}

/// What the function's first step does to a row whose `current` is this, at a moment `ago` ticks back: that is when
/// the function read the clock.
pub(crate) fn present(variant: Variant, min_age: u8, current: Id, token: Token, ago: u8) -> Outcome {
    let min_age = if variant == Variant::WithoutMinimumAge {
        0
    } else {
        min_age
    };
    let rule = RotationPolicy {
        min_age: Duration::from_secs(min_age.into()),
        access_lifetime: Duration::from_secs(min_age.into()),
        sessions_not_before: Timestamp(0),
    };
    let now = Timestamp(NOW - u64::from(ago));
    let claims = claims(token);
    let row = SessionState {
        current: IDS[usize::from(current)].clone(),
        created_at: Timestamp(0),
        rotated_at: Timestamp(0),
        expires_at: Timestamp(u64::MAX),
        absolute_expires_at: Timestamp(u64::MAX),
    };
    let decision = rule.decide(Some(&row), &claims, now);
    // `#current IN (:jti, :parent)`: a young token is read, not written.
    let in_use = row.current == claims.jti || row.current == claims.parent;
    let written = !rule.is_young(&claims, now) && in_use;
    let rotates = matches!(decision, Decision::Rotate | Decision::Reissue { .. });
    assert_eq!(written, rotates, "the table's condition and the rule disagree");
    match decision {
        Decision::Reissue { .. } if variant == Variant::WithoutReissue => Outcome::Superseded,
        Decision::Rotate | Decision::Reissue { .. } => Outcome::Rotated(token.jti),
        Decision::Keep => Outcome::Kept,
        Decision::Reuse if variant == Variant::WithoutReuse => Outcome::Kept,
        Decision::Reuse => Outcome::Superseded,
        Decision::Gone => panic!("the row is there and has no end"),
    }
}

/// Whether the function's second step, for a superseded token, deletes the row: `NOT #current IN (:jti, :parent)`.
pub(crate) fn ends(variant: Variant, current: Id, token: Token) -> bool {
    match variant {
        Variant::WithoutEnd => false,
        // That variant's own condition follows its decision.
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
