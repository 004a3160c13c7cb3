//! A JWK Set, public or private.

use gatecrumb_tokens::{SigningKeys, VerifyingKeys};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(json) = std::str::from_utf8(bytes) else {
        return;
    };
    match VerifyingKeys::from_json(json) {
        Ok(_) => assert!(SigningKeys::from_json(json).is_err(), "a public set that signs"),
        Err(error) => one_line(&error.to_string()),
    }
    let keys = match SigningKeys::from_json(json) {
        Ok(keys) => keys,
        Err(error) => return one_line(&error.to_string()),
    };
    let written = keys.to_private_json();
    let again = SigningKeys::from_json(&written).expect("a set reads back");
    assert_eq!(*again.to_private_json(), *written);
    let public = keys.to_public_json();
    let verifying = VerifyingKeys::from_json(&public).expect("its public half is a public set");
    assert!(keys.kids().all(|kid| verifying.contains(kid)));
    assert!(!public.contains("\"d\""));
}

/// What the start-up's error may say: a sentence of ours, with the key's place and nothing of the set.
fn one_line(error: &str) {
    assert!(error.len() < 160 && error.bytes().all(|byte| byte != b'\n'));
}
