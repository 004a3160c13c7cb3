//! A JWK Set, public or private.

use gatecrumb_tokens::{SigningKeys, VerifyingKeys};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(json) = std::str::from_utf8(bytes) else {
        return;
    };
    match VerifyingKeys::from_json(json) {
        Ok(_) => assert!(
            SigningKeys::from_json(json).is_err(),
            "a set that is public and private"
        ),
        Err(error) => one_line(&error.to_string()),
    }
    let keys = match SigningKeys::from_json(json) {
        Ok(keys) => keys,
        Err(error) => return one_line(&error.to_string()),
    };
    let written = keys.to_private_json();
    let again = SigningKeys::from_json(&written).expect("a written set can be read");
    assert_eq!(*again.to_private_json(), *written);
    let public = keys.to_public_json();
    let verifying = VerifyingKeys::from_json(&public).expect("the public half is a valid public set");
    assert!(keys.kids().all(|kid| verifying.contains(kid)));
    assert!(!public.contains("\"d\""));
}

/// A start error must be one short line: a fixed message with the index of the key, nothing from the set.
fn one_line(error: &str) {
    assert!(error.len() < 160 && error.bytes().all(|byte| byte != b'\n'));
}
