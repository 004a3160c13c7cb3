//! The documented ways to replace the signing key (`docs/deploy.md`): at every moment, a function can start. While the
//! key is replaced, nobody is signed out, and nothing is accepted that should not be.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

mod account;
mod attacker;
mod client;
mod deployment;
mod leak;
mod service;
mod walk;

use account::Account;

#[tokio::test]
async fn a_planned_rotation_has_no_gap() {
    let mut account = Account::new("planned").await;
    let old = account.deployed["SigningKid"].clone();
    let published = account.key(&["rotate"]).await;
    assert_eq!(
        published["SigningKid"], old,
        "the new key is published before it signs"
    );
    account.deploy(&published).await;
    account.age(600);
    let signing = account.key(&["rotate"]).await;
    assert_eq!(signing["VerifyingKeys"], published["VerifyingKeys"]);
    assert_ne!(signing["SigningKid"], old);
    account.deploy(&signing).await;
    account.age(2_592_300);
    let retired = account.key(&["rotate", "--yes"]).await;
    account.deploy(&retired).await;
    assert_eq!(retired["SigningKid"], signing["SigningKid"]);
    assert!(!account.deployed["VerifyingKeys"].contains(&old));
}

#[tokio::test]
async fn a_leaked_key_is_replaced_without_a_gap_and_verifies_nothing_after_one_deployment() {
    let mut account = Account::new("leaked").await;
    let old = account.deployed["SigningKid"].clone();
    let rotated = account.key(&["rotate", "--leaked"]).await;
    account.deploy(&rotated).await;
    assert!(
        !account.deployed["VerifyingKeys"].contains(&old),
        "tokens of the leaked key still verify"
    );
    let retired = account.key(&["rotate", "--yes"]).await;
    account.starts().await;
    for (name, value) in &retired {
        assert_eq!(*value, account.deployed[name], "nothing is left to deploy");
    }
}
