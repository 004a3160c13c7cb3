//! The published JWK Set.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use gatecrumb_tokens::{SigningKeys, VerifyingKeys};
use proptest::prelude::*;
use serde_json::Value;

/// The keys with these seeds.
fn signing(seeds: &[u8]) -> SigningKeys {
    let mut keys = SigningKeys::from_seed([seeds[0]; 32]);
    for seed in &seeds[1..] {
        keys.extend(SigningKeys::from_seed([*seed; 32]));
    }
    keys
}

/// The set without its optional members, which a deployment may omit.
fn bare(json: &str) -> String {
    let mut set: Value = serde_json::from_str(json).unwrap();
    for key in set["keys"].as_array_mut().unwrap() {
        for member in ["alg", "kid", "use"] {
            key.as_object_mut().unwrap().remove(member);
        }
    }
    set.to_string()
}

proptest! {
    #[test]
    fn the_published_set_has_no_private_part_and_every_key_id(
        seeds in prop::sample::subsequence((0..=20_u8).collect::<Vec<_>>(), 1..=8),
    ) {
        let signing = signing(&seeds);
        let public = signing.to_public_json();
        for given in [public.clone(), bare(&public)] {
            let published = VerifyingKeys::from_json(&given).unwrap().to_json();
            prop_assert_eq!(&published, &public);
            let set: Value = serde_json::from_str(&published).unwrap();
            for (key, kid) in set["keys"].as_array().unwrap().iter().zip(signing.kids()) {
                let members: Vec<&String> = key.as_object().unwrap().keys().collect();
                prop_assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
                prop_assert_eq!(key["kid"].as_str().unwrap(), kid);
            }
        }
    }

    #[test]
    fn different_sets_have_different_fingerprints(
        one in prop::sample::subsequence((0..=6_u8).collect::<Vec<_>>(), 1..=4),
        other in prop::sample::subsequence((0..=6_u8).collect::<Vec<_>>(), 1..=4),
    ) {
        let of = |seeds: &[u8]| VerifyingKeys::from_json(&signing(seeds).to_public_json()).unwrap().fingerprint();
        prop_assert_eq!(of(&one) == of(&other), one == other);
        prop_assert_eq!(of(&one).len(), 43);
    }
}
