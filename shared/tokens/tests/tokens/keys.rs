//! Sets of keys: what they contain, adding and removing keys, and which key signs.

use gatecrumb_tokens::{InvalidKeys, Signer, SigningKeys, Verifier, VerifyingKeys};
use proptest::prelude::*;

use super::{access, keys};

fn set(seeds: &[u8]) -> SigningKeys {
    let mut set = keys(seeds[0]);
    for seed in &seeds[1..] {
        set.extend(keys(*seed));
    }
    set
}

fn kid(seed: u8) -> String {
    keys(seed).kids().next().unwrap().to_owned()
}

fn public(keys: &SigningKeys) -> VerifyingKeys {
    VerifyingKeys::from_json(&keys.to_public_json()).unwrap()
}

#[test]
fn a_public_set_contains_exactly_its_keys() {
    let public = public(&set(&[1, 2]));
    assert!(public.contains(&kid(1)) && public.contains(&kid(2)));
    assert!(!public.contains(&kid(3)) && !public.contains(""));
    assert_eq!(format!("{public:?}"), format!("[{:?}, {:?}]", kid(1), kid(2)));
}

#[test]
fn a_key_of_the_set_signs_and_verifies() {
    let keys = set(&[1, 2]);
    for seed in [1, 2] {
        let signer = Signer::new(&keys, &kid(seed), "issuer", "audience").unwrap();
        let token = signer.access(&access()).unwrap();
        for (verifying, is_valid) in [
            (set(&[1, 2]), true),
            (set(&[seed]), true),
            (set(&[3 - seed]), false),
        ] {
            let verifier = Verifier::new(&public(&verifying), "issuer", "audience");
            assert_eq!(verifier.access(token.expose()).is_ok(), is_valid);
        }
    }
    assert!(Signer::new(&keys, &kid(3), "issuer", "audience").is_none());
}

#[test]
fn a_set_has_1_to_16_keys() {
    let seeds: Vec<u8> = (1..=17).collect();
    let private = |seeds: &[u8]| SigningKeys::from_json(&set(seeds).to_private_json()).map(|_| ());
    assert_eq!(private(&seeds[..1]), Ok(()));
    assert_eq!(private(&seeds[..16]), Ok(()));
    assert_eq!(private(&seeds), Err(InvalidKeys::Count));
}

proptest! {
    #[test]
    fn removing_a_key_keeps_the_others_in_order(seeds in prop::collection::vec(1..9_u8, 1..9), removed in 1..9_u8) {
        let mut keys = set(&seeds);
        let mut expected: Vec<String> = Vec::new();
        for seed in seeds {
            let kid = kid(seed);
            if !expected.contains(&kid) {
                expected.push(kid);
            }
        }
        prop_assert_eq!(keys.kids().collect::<Vec<_>>(), &expected[..]);
        let contained = expected.contains(&kid(removed));
        expected.retain(|other| *other != kid(removed));
        prop_assert_eq!(keys.remove(&kid(removed)), contained);
        prop_assert_eq!(keys.kids().collect::<Vec<_>>(), &expected[..]);
        prop_assert!(!keys.remove(&kid(removed)));
    }
}
