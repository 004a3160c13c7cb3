use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::crypto::sha256;

/// A larger set is a mistake: rotation needs two or three keys.
const MAX_KEYS: usize = 16;

/// Why a JWK Set was rejected. The message names a key by its index and never contains the key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidKeys {
    /// Not JSON, or not in the format of RFC 7517 section 5.
    #[error("is not a JWK Set: expected {{\"keys\":[…]}} with keys of kty OKP and crv Ed25519")]
    NotAJwkSet,
    /// No key, or more than 16.
    #[error("must have 1 to 16 keys")]
    Count,
    /// The type, curve, algorithm or use is not Ed25519 for signatures.
    #[error(
        "key {0} is not an Ed25519 signature key (kty OKP, crv Ed25519, alg EdDSA or none, use sig or none)"
    )]
    Kind(usize),
    /// `x` is not 32 bytes of unpadded base64url.
    #[error("key {0} has an x that is not 32 bytes of unpadded base64url")]
    Public(usize),
    /// `d` is missing in a signing key.
    #[error("key {0} has no private part d: this variable requires signing keys")]
    PrivateMissing(usize),
    /// `d` is present in a set that should be public.
    #[error(
        "key {0} has a private part d: publish only what `gatecrumb key public` prints, and replace that key"
    )]
    PrivatePresent(usize),
    /// `d` is not 32 bytes, or it belongs to another `x`.
    #[error("key {0} has a d that does not match its x")]
    PrivateMismatch(usize),
    /// `kid` is not the RFC 7638 thumbprint.
    #[error("key {0} has a kid that is not its RFC 7638 thumbprint")]
    KeyId(usize),
    /// The set contains the key twice.
    #[error("key {0} is a duplicate of an earlier key")]
    Duplicate(usize),
}

#[derive(Deserialize, Serialize)]
struct Jwk {
    kty: String,
    crv: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    x: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<String>,
}

impl Drop for Jwk {
    fn drop(&mut self) {
        self.d.zeroize();
    }
}

#[derive(Deserialize, Serialize)]
struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    fn parse(json: &str) -> Result<Self, InvalidKeys> {
        let set: Self = serde_json::from_str(json).map_err(|_| InvalidKeys::NotAJwkSet)?;
        if (1..=MAX_KEYS).contains(&set.keys.len()) {
            Ok(set)
        } else {
            Err(InvalidKeys::Count)
        }
    }

    #[expect(clippy::expect_used, reason = "a struct of strings always serializes")]
    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings serialize")
    }
}

/// The RFC 7638 thumbprint of an Ed25519 public key, which is our `kid`.
fn thumbprint(x: &str) -> String {
    // Section 3.2 with RFC 8037 section 2: the required members, in this order, without white space.
    URL_SAFE_NO_PAD.encode(sha256(
        format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes(),
    ))
}

fn check_public(jwk: &Jwk, index: usize) -> Result<VerifyingKey, InvalidKeys> {
    let absent_or = |value: &Option<String>, expected: &str| value.as_deref().is_none_or(|v| v == expected);
    if jwk.kty != "OKP"
        || jwk.crv != "Ed25519"
        || !absent_or(&jwk.alg, "EdDSA")
        || !absent_or(&jwk.purpose, "sig")
    {
        return Err(InvalidKeys::Kind(index));
    }
    let x = URL_SAFE_NO_PAD
        .decode(&jwk.x)
        .ok()
        .and_then(|x| <[u8; 32]>::try_from(x).ok());
    let x = x.ok_or(InvalidKeys::Public(index))?;
    let kid = thumbprint(&jwk.x);
    if !absent_or(&jwk.kid, &kid) {
        return Err(InvalidKeys::KeyId(index));
    }
    Ok(VerifyingKey { kid, x })
}

pub(crate) struct VerifyingKey {
    pub(crate) kid: String,
    pub(crate) x: [u8; 32],
}

impl VerifyingKey {
    /// The key as a JWK without a private part.
    fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            alg: Some("EdDSA".to_owned()),
            purpose: Some("sig".to_owned()),
            kid: Some(self.kid.clone()),
            x: URL_SAFE_NO_PAD.encode(self.x),
            d: None,
        }
    }
}

/// The public keys that verify tokens: a JWK Set without private parts (`VERIFYING_KEYS`).
pub struct VerifyingKeys(pub(crate) Vec<VerifyingKey>);

impl VerifyingKeys {
    /// Parses a public JWK Set (RFC 7517 section 5, RFC 8037 section 2) and rejects a set with any invalid key.
    pub fn from_json(json: &str) -> Result<Self, InvalidKeys> {
        let mut keys: Vec<VerifyingKey> = Vec::new();
        for (index, jwk) in JwkSet::parse(json)?.keys.iter().enumerate() {
            if jwk.d.is_some() {
                return Err(InvalidKeys::PrivatePresent(index));
            }
            let key = check_public(jwk, index)?;
            if keys.iter().any(|other| other.kid == key.kid) {
                return Err(InvalidKeys::Duplicate(index));
            }
            keys.push(key);
        }
        Ok(Self(keys))
    }

    /// Whether the set contains the key with this id.
    #[must_use]
    pub fn contains(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.kid == kid)
    }

    /// The JWK Set, with `alg`, `use` and `kid` of every key.
    #[must_use]
    pub fn to_json(&self) -> String {
        let set = JwkSet {
            keys: self.0.iter().map(VerifyingKey::jwk).collect(),
        };
        set.to_json()
    }

    /// The SHA-256 of [`Self::to_json`] in base64url. It distinguishes sets.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(self.to_json().as_bytes()))
    }
}

impl fmt::Debug for VerifyingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.kid)).finish()
    }
}

struct SigningKey {
    public: VerifyingKey,
    seed: Zeroizing<[u8; 32]>,
}

/// The private keys that sign tokens: a JWK Set with private parts (`SIGNING_KEYS`, or the secret).
pub struct SigningKeys(Vec<SigningKey>);

impl SigningKeys {
    /// Parses a private JWK Set and rejects a set with any invalid key, including a `d` that belongs to another `x`.
    pub fn from_json(json: &str) -> Result<Self, InvalidKeys> {
        let mut keys = Self(Vec::new());
        for (index, jwk) in JwkSet::parse(json)?.keys.iter().enumerate() {
            let public = check_public(jwk, index)?;
            let d = jwk.d.as_deref().ok_or(InvalidKeys::PrivateMissing(index))?;
            let d = Zeroizing::new(URL_SAFE_NO_PAD.decode(d).unwrap_or_default());
            let seed = <[u8; 32]>::try_from(&d[..]).map_err(|_| InvalidKeys::PrivateMismatch(index))?;
            Ed25519KeyPair::from_seed_and_public_key(&seed, &public.x)
                .map_err(|_| InvalidKeys::PrivateMismatch(index))?;
            if keys.seed(&public.kid).is_some() {
                return Err(InvalidKeys::Duplicate(index));
            }
            keys.0.push(SigningKey {
                public,
                seed: Zeroizing::new(seed),
            });
        }
        Ok(keys)
    }

    /// A set of one new key, made of 32 random bytes (see [`gatecrumb_domain::random_bytes`]).
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "ring rejects a seed only because of its length, which the type fixes"
        )]
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed of 32 bytes");
        let mut x = [0; 32];
        x.copy_from_slice(pair.public_key().as_ref());
        let kid = thumbprint(&URL_SAFE_NO_PAD.encode(x));
        Self(vec![SigningKey {
            public: VerifyingKey { kid, x },
            seed: Zeroizing::new(seed),
        }])
    }

    /// Adds the keys of the other set that this one does not contain.
    pub fn extend(&mut self, other: Self) {
        for key in other.0 {
            if self.seed(&key.public.kid).is_none() {
                self.0.push(key);
            }
        }
    }

    /// Removes a key. Returns whether the set contained it.
    pub fn remove(&mut self, kid: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|key| key.public.kid != kid);
        self.0.len() < before
    }

    /// The ids of the keys, in the set's order.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.public.kid.as_str())
    }

    pub(crate) fn seed(&self, kid: &str) -> Option<&[u8; 32]> {
        self.0
            .iter()
            .find(|key| key.public.kid == kid)
            .map(|key| &*key.seed)
    }

    /// The set as JSON **with its private parts**. Only for the secret store.
    #[must_use]
    pub fn to_private_json(&self) -> Zeroizing<String> {
        Zeroizing::new(self.json(true))
    }

    /// The set as JSON without private parts, in the format of `VERIFYING_KEYS`.
    #[must_use]
    pub fn to_public_json(&self) -> String {
        self.json(false)
    }

    fn json(&self, private: bool) -> String {
        let jwk = |key: &SigningKey| {
            let mut jwk = key.public.jwk();
            jwk.d = private.then(|| URL_SAFE_NO_PAD.encode(*key.seed));
            jwk
        };
        let set = JwkSet {
            keys: self.0.iter().map(jwk).collect(),
        };
        set.to_json()
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kids()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037 appendix A.1 to A.3: the key and its thumbprint.
    const RFC_8037: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519",
        "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    const RFC_8037_THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    #[test]
    fn the_kid_is_the_thumbprint_of_rfc_8037() {
        let keys = SigningKeys::from_json(RFC_8037).unwrap();
        assert_eq!(keys.kids().collect::<Vec<_>>(), [RFC_8037_THUMBPRINT]);
        assert!(
            VerifyingKeys::from_json(&keys.to_public_json())
                .unwrap()
                .contains(RFC_8037_THUMBPRINT)
        );
    }

    #[test]
    fn a_generated_set_round_trips_and_its_public_json_has_no_private_part() {
        let mut keys = SigningKeys::from_seed([1; 32]);
        keys.extend(SigningKeys::from_seed([2; 32]));
        keys.extend(SigningKeys::from_seed([2; 32]));
        let again = SigningKeys::from_json(&keys.to_private_json()).unwrap();
        assert_eq!(again.to_private_json(), keys.to_private_json());
        assert_eq!(again.kids().count(), 2);
        assert!(!keys.to_public_json().contains("\"d\""));
    }

    #[test]
    fn debug_prints_only_key_ids() {
        let keys = SigningKeys::from_json(RFC_8037).unwrap();
        assert_eq!(format!("{keys:?}"), format!("[{RFC_8037_THUMBPRINT:?}]"));
    }

    #[test]
    fn invalid_sets_are_rejected() {
        let signing = |json: &str| SigningKeys::from_json(json).unwrap_err();
        let with = |from: &str, to: &str| RFC_8037.replace(from, to);
        assert_eq!(signing("[]"), InvalidKeys::NotAJwkSet);
        assert_eq!(signing("{\"keys\":[]}"), InvalidKeys::Count);
        assert_eq!(signing(&with("OKP", "EC")), InvalidKeys::Kind(0));
        assert_eq!(signing(&with("Ed25519", "X25519")), InvalidKeys::Kind(0));
        assert_eq!(
            signing(&with("\"kty\"", "\"alg\":\"HS256\",\"kty\"")),
            InvalidKeys::Kind(0)
        );
        assert_eq!(
            signing(&with("\"kty\"", "\"use\":\"enc\",\"kty\"")),
            InvalidKeys::Kind(0)
        );
        assert_eq!(
            signing(&with("\"kty\"", "\"kid\":\"mine\",\"kty\"")),
            InvalidKeys::KeyId(0)
        );
        assert_eq!(signing(&with("11qYAYKx", "")), InvalidKeys::Public(0));
        assert_eq!(
            signing(&with("nWGxne_9", "nWGxne_8")),
            InvalidKeys::PrivateMismatch(0)
        );
        assert_eq!(signing(&with("nWGxne_9", "")), InvalidKeys::PrivateMismatch(0));
        let public = SigningKeys::from_json(RFC_8037).unwrap().to_public_json();
        assert_eq!(signing(&public), InvalidKeys::PrivateMissing(0));
        let key = public.trim_start_matches("{\"keys\":[").trim_end_matches("]}");
        let twice = format!("{{\"keys\":[{key},{key}]}}");
        assert_eq!(
            VerifyingKeys::from_json(&twice).unwrap_err(),
            InvalidKeys::Duplicate(1)
        );
        assert_eq!(
            VerifyingKeys::from_json(RFC_8037).unwrap_err(),
            InvalidKeys::PrivatePresent(0)
        );
    }
}
