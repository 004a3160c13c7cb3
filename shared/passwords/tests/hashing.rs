//! Hashing as the functions use it.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use gatecrumb_domain::PasswordHash;
use gatecrumb_passwords::{Cost, Hasher, Password, UnusableHash, Verdict};
use proptest::prelude::*;

const SALT: [u8; 16] = *b"sixteen salt byt";

fn cheap() -> Cost {
    Cost::new(16, 1, 1).unwrap()
}

async fn hasher() -> Hasher {
    Hasher::start(cheap(), 1).await
}

async fn verify(password: &str, phc: &str) -> Verdict {
    let hasher = hasher().await;
    let verification = hasher
        .verify(Password::presented(password), Some(phc.to_owned().into()))
        .await
        .unwrap();
    assert_eq!(hasher.runs(), 1, "every stored string costs one hash");
    verification.verdict
}

/// A test vector of the reference implementation (phc-winner-argon2).
const REFERENCE: &str =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

#[tokio::test]
async fn a_reference_hash_verifies_and_is_outdated() {
    assert_eq!(
        verify("password", REFERENCE).await,
        Verdict::Match { outdated: true }
    );
    assert_eq!(verify("passwore", REFERENCE).await, Verdict::Mismatch);
}

#[tokio::test]
async fn a_new_hash_verifies_until_the_cost_changes() {
    let password = Password::chosen("correct horse battery staple").unwrap();
    let stored = hasher().await.hash(password.clone(), SALT).await.unwrap();
    assert!(
        stored.expose().starts_with("$argon2id$v=19$m=16,t=1,p=1$"),
        "a PHC string"
    );
    assert_eq!(format!("{stored:?}"), "PasswordHash(redacted)");
    let verdict = hasher()
        .await
        .verify(password.clone(), Some(stored.clone()))
        .await
        .unwrap()
        .verdict;
    assert_eq!(verdict, Verdict::Match { outdated: false });
    for cost in [Cost::new(24, 1, 1), Cost::new(16, 2, 1), Cost::new(16, 1, 2)] {
        let verdict = Hasher::start(cost.unwrap(), 1)
            .await
            .verify(password.clone(), Some(stored.clone()))
            .await
            .unwrap()
            .verdict;
        assert_eq!(verdict, Verdict::Match { outdated: true });
    }
}

#[tokio::test]
async fn an_unknown_user_costs_one_hash_and_matches_nothing() {
    let hasher = hasher().await;
    let verification = hasher.verify(Password::presented(""), None).await.unwrap();
    assert_eq!((verification.verdict, hasher.runs()), (Verdict::Mismatch, 1));
}

#[tokio::test]
async fn a_hash_outside_the_bounds_or_in_another_format_is_not_computed() {
    let with = |from: &str, to: &str| REFERENCE.replace(from, to);
    let unusable = |error| Verdict::Unusable(error);
    for phc in [
        with("m=256", "m=4194304"),
        with("m=256", "m=131073"),
        with("t=2", "t=11"),
        with("p=1", "p=5"),
        with("m=256", "m=7"),
        with("p=1", "p=1,data=c29tZQ"),
        with("p=1", "p=1,keyid=c29tZQ"),
        with("nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "nf65EOgLrQMR/uIP"),
    ] {
        assert_eq!(
            verify("password", &phc).await,
            unusable(UnusableHash::OutOfBounds),
            "{phc}"
        );
    }
    for phc in [
        "",
        "password",
        "$2b$12$abcdefghijklmnopqrstuv",
        &with("argon2id", "argon2i"),
        &with("argon2id", "argon2d"),
        &with("v=19", "v=16"),
        &with("$v=19", ""),
        // Not as we write it. Found by tools/fuzz.
        &with("t=2", "t=9,t=2"),
        &with(",p=1", ""),
        &with("m=256,t=2", "t=2,m=256"),
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
    ] {
        assert_eq!(
            verify("password", phc).await,
            unusable(UnusableHash::Format),
            "{phc}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_hashes_share_the_arenas() {
    let hasher = std::sync::Arc::new(Hasher::start(cheap(), 2).await);
    let tasks = (0..32).map(|_| {
        let hasher = std::sync::Arc::clone(&hasher);
        tokio::spawn(async move {
            hasher
                .verify(Password::presented("password"), Some(REFERENCE.to_owned().into()))
                .await
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        let verification = task.await.unwrap().unwrap();
        assert_eq!(verification.verdict, Verdict::Match { outdated: true });
    }
    assert_eq!(hasher.runs(), 32);
}

#[test]
fn costs_are_bounded() {
    assert!(Cost::new(131_072, 10, 4).is_ok());
    for (memory, iterations, parallelism) in [
        (131_073, 1, 1),
        (7, 1, 1),
        (31, 1, 4),
        (16, 0, 1),
        (16, 11, 1),
        (16, 1, 0),
        (64, 1, 5),
    ] {
        assert!(Cost::new(memory, iterations, parallelism).is_err());
    }
}

proptest! {
    #[test]
    fn a_stored_hash_never_panics(phc in "\\PC{0,120}", tail in "[$a-z0-9=,+/]{0,60}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let stored = |phc: String| PasswordHash::from(phc);
        for phc in [phc, format!("$argon2id$v=19$m=16,t=1,p=1${tail}")] {
            let verify = async { hasher().await.verify(Password::presented("p"), Some(stored(phc))).await };
            let matched = matches!(runtime.block_on(verify).unwrap().verdict, Verdict::Match { .. });
            prop_assert!(!matched);
        }
    }
}
