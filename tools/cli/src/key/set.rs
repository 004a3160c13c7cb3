//! The signing keys, which of them signs, and how far their rotation is. One JSON object holds all three, in the state
//! directory and in Secrets Manager: a JWK Set with members that functions ignore.

use gatecrumb_domain::{NoRandomness, Randomness, random_bytes};
use gatecrumb_tokens::{InvalidKeys, SigningKeys};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::rotation::{Rotation, Stage};

/// Signing keys, one of which signs.
#[derive(Debug)]
pub struct KeySet {
    /// All keys. In a leak, only the one that signs may verify: see [`Self::to_public_json`].
    pub keys: SigningKeys,
    /// The id of the key that signs.
    pub signing_kid: String,
    /// `None` if there is one key, or if the other ones are from a version that recorded no stages.
    pub(super) rotation: Option<Rotation>,
}

/// Why stored keys cannot be used. The message never contains a key.
#[derive(Debug, thiserror::Error)]
pub enum UnusableKeys {
    /// Not a set of signing keys.
    #[error(transparent)]
    Keys(#[from] InvalidKeys),
    /// `signing_kid` or `rotation` is malformed.
    #[error(
        "has a signing_kid or a rotation that is not as `gatecrumb key` writes it: remove the member rotation, and set \
         signing_kid to the kid of the key that signs"
    )]
    Members,
    /// No `signing_kid`, but several keys.
    #[error("has no signing_kid, which says which of its keys signs")]
    NoSigner,
    /// `signing_kid` is not among the keys.
    #[error("has a signing_kid that names none of its keys")]
    UnknownSigner,
}

#[derive(Deserialize)]
struct Members {
    signing_kid: Option<String>,
    rotation: Option<Rotation>,
}

impl KeySet {
    /// A set of one new key.
    pub fn generate(randomness: &dyn Randomness) -> Result<Self, NoRandomness> {
        loop {
            let keys = SigningKeys::from_seed(random_bytes(randomness)?);
            let signing_kid = keys.kids().next().unwrap_or_default().to_owned();
            // A leading hyphen would make the kid look like an option on the command line.
            if !signing_kid.starts_with('-') {
                return Ok(Self {
                    keys,
                    signing_kid,
                    rotation: None,
                });
            }
        }
    }

    /// Parses a private JWK Set with the additional members `signing_kid` and, during a rotation, `rotation`. Earlier
    /// versions wrote no `rotation`, and no `signing_kid` to Secrets Manager. `signing_kid` takes precedence over the one
    /// in the set.
    pub fn from_json(json: &str, signing_kid: Option<&str>) -> Result<Self, UnusableKeys> {
        let keys = SigningKeys::from_json(json)?;
        let members: Members = serde_json::from_str(json).map_err(|_| UnusableKeys::Members)?;
        let signing_kid = signing_kid.map(str::to_owned).or(members.signing_kid);
        let only = keys.kids().next().filter(|_| keys.kids().count() == 1);
        let signing_kid = signing_kid
            .or_else(|| only.map(str::to_owned))
            .ok_or(UnusableKeys::NoSigner)?;
        if !keys.kids().any(|kid| kid == signing_kid) {
            return Err(UnusableKeys::UnknownSigner);
        }
        let mut set = Self {
            keys,
            signing_kid,
            rotation: None,
        };
        // A set that was edited since is treated as one without stages.
        set.rotation = members.rotation.filter(|rotation| set.agrees_with(rotation));
        Ok(set)
    }

    /// The set as JSON **with its private parts**. Only for the secret store.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let rotation = self.rotation.as_ref().map_or_else(String::new, |rotation| {
            // A struct of strings and numbers always serializes.
            let json = serde_json::to_string(rotation).unwrap_or_default();
            format!("\"rotation\":{json},")
        });
        let set = self.keys.to_private_json();
        let members = set.trim_start_matches('{');
        Zeroizing::new(format!(
            "{{\"signing_kid\":\"{}\",{rotation}{members}",
            self.signing_kid
        ))
    }

    /// The keys to deploy, in the format of `VERIFYING_KEYS`: without keys that have leaked.
    pub fn to_public_json(&self) -> Result<String, UnusableKeys> {
        if !self.is_at(Stage::Leaked) {
            return Ok(self.keys.to_public_json());
        }
        let mut keys = SigningKeys::from_json(&self.keys.to_private_json())?;
        for kid in self.other_kids() {
            keys.remove(&kid);
        }
        Ok(keys.to_public_json())
    }

    /// The keys that do not sign.
    pub(super) fn other_kids(&self) -> Vec<String> {
        let others = self.keys.kids().filter(|kid| *kid != self.signing_kid);
        others.map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use gatecrumb_runtime::SystemRandomness;

    use super::*;

    /// Without the loop, one kid in 64 would begin with a hyphen.
    #[test]
    fn no_kid_looks_like_an_option() {
        for _ in 0..1000 {
            let set = KeySet::generate(&SystemRandomness).unwrap();
            assert!(!set.signing_kid.starts_with('-'));
        }
    }

    /// What earlier versions wrote, and what somebody may have made of the file.
    #[test]
    fn every_kind_of_stored_set_is_read_or_refused() {
        let mut keys = SigningKeys::from_seed([1; 32]);
        let one = keys.to_private_json();
        keys.extend(SigningKeys::from_seed([2; 32]));
        let kids: Vec<&str> = keys.kids().collect();
        let (two, first, second) = (keys.to_private_json(), kids[0], kids[1]);
        let with = |members: &str, set: &str| format!("{{{members},{}", set.trim_start_matches('{'));
        let rotation = |stage: &str, kid: &str| {
            format!(
                "\"signing_kid\":\"{second}\",\"rotation\":{{\"stage\":\"{stage}\",\"kid\":\"{kid}\",\"since\":1,\
                 \"not_before\":2}}"
            )
        };
        let signing = format!("\"signing_kid\":\"{second}\"");
        for (what, json, given, expected) in [
            ("a secret with one key", one.to_string(), None, Ok((first, false))),
            (
                "a secret with two",
                two.to_string(),
                None,
                Err("has no signing_kid"),
            ),
            (
                "it with --signing-kid",
                two.to_string(),
                Some(second),
                Ok((second, false)),
            ),
            (
                "another --signing-kid",
                two.to_string(),
                Some("x"),
                Err("names none of its keys"),
            ),
            ("a local file", with(&signing, &two), None, Ok((second, false))),
            (
                "signed by another key",
                with(&signing, &one),
                None,
                Err("names none of its keys"),
            ),
            (
                "with a stage",
                with(&rotation("signing", second), &two),
                None,
                Ok((second, true)),
            ),
            (
                "a stage that --signing-kid contradicts",
                with(&rotation("signing", second), &two),
                Some(first),
                Ok((first, false)),
            ),
            (
                "a new key that signs already",
                with(&rotation("published", second), &two),
                None,
                Ok((second, false)),
            ),
            (
                "a new key that does not sign",
                with(&rotation("leaked", first), &two),
                None,
                Ok((second, false)),
            ),
            (
                "an unknown new key",
                with(&rotation("published", "x"), &two),
                None,
                Ok((second, false)),
            ),
            (
                "an unknown stage",
                with(&rotation("done", second), &two),
                None,
                Err("remove the member rotation"),
            ),
            (
                "a number as kid",
                with("\"signing_kid\":1", &two),
                None,
                Err("remove the member rotation"),
            ),
            ("no keys", "{}".to_owned(), None, Err("is not a JWK Set")),
        ] {
            match (KeySet::from_json(&json, given), expected) {
                (Ok(set), Ok((kid, has_stage))) => {
                    assert_eq!(set.signing_kid, kid, "{what}");
                    assert_eq!(set.rotation.is_some(), has_stage, "{what}");
                    let again = KeySet::from_json(&set.to_json(), None).unwrap();
                    assert_eq!(again.to_json(), set.to_json(), "{what}");
                }
                (Err(error), Err(message)) => {
                    assert!(error.to_string().contains(message), "{what}: {error}");
                }
                (result, _) => panic!("{what}: {result:?}"),
            }
        }
    }
}
