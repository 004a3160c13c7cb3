use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use zeroize::Zeroizing;

/// The highest version of a key.
pub(super) const MAX_VERSION: u16 = 999;
const MAX_KEYS: usize = 8;
const MIN_SECRET_BYTES: usize = 32;
const MAX_SECRET_BYTES: usize = 256;

/// Why a string was rejected as device keys. The message does not contain the keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidDeviceKeys {
    /// Not an object of strings.
    #[error("is not a JSON object with versions as names and secrets as strings")]
    NotAnObject,
    /// No key, or too many.
    #[error("has no key or more than {MAX_KEYS}")]
    Count,
    /// A version that is not 1 to 999 in canonical decimal notation.
    #[error("has a version that is not a whole number from 1 to {MAX_VERSION}")]
    Version,
    /// A version that occurs twice.
    #[error("has a version twice")]
    Duplicate,
    /// A secret that is too short, too long or not visible ASCII.
    #[error("has a secret that is not {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} visible ASCII characters")]
    Secret,
}

/// The keys of device cookies and pseudonyms, by version. The key with the highest version makes new cookies and all
/// pseudonyms; all keys verify cookies.
pub struct DeviceKeys {
    /// Ascending by version, at least one.
    keys: Vec<DeviceKey>,
}

pub(super) struct DeviceKey {
    pub(super) version: u16,
    pseudonyms: hmac::Key,
    macs: hmac::Key,
}

impl DeviceKey {
    /// Derives both keys so that neither reveals the secret or the other key.
    fn new(version: u16, secret: &str) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let derive = |label: &str| {
            let derived = hmac::sign(&secret, label.as_bytes());
            hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
        };
        Self {
            version,
            pseudonyms: derive("gatecrumb: a key for pseudonyms"),
            macs: derive("gatecrumb: a key for device cookies"),
        }
    }

    /// 22 characters of base64url.
    pub(super) fn pseudonym(&self, text: &str) -> String {
        let tag = hmac::sign(&self.pseudonyms, text.as_bytes());
        URL_SAFE_NO_PAD.encode(&tag.as_ref()[..16])
    }

    pub(super) fn mac(&self, text: &str) -> hmac::Tag {
        hmac::sign(&self.macs, text.as_bytes())
    }
}

impl DeviceKeys {
    /// Parses `{"1":"secret","2":"another secret"}` and rejects everything that it does not expect.
    pub fn from_json(json: &str) -> Result<Self, InvalidDeviceKeys> {
        let Secrets(secrets) = serde_json::from_str(json).map_err(|_| InvalidDeviceKeys::NotAnObject)?;
        if !(1..=MAX_KEYS).contains(&secrets.len()) {
            return Err(InvalidDeviceKeys::Count);
        }
        let mut keys = Vec::with_capacity(secrets.len());
        for (version, secret) in &secrets {
            let number = version.parse::<u16>().ok();
            let number = number.filter(|number| {
                // A plus sign or leading zeros would give a version two names.
                (1..=MAX_VERSION).contains(number) && number.to_string() == *version
            });
            let version = number.ok_or(InvalidDeviceKeys::Version)?;
            let is_visible = secret.bytes().all(|byte| byte.is_ascii_graphic());
            if !(MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&secret.len()) || !is_visible {
                return Err(InvalidDeviceKeys::Secret);
            }
            keys.push(DeviceKey::new(version, secret));
        }
        keys.sort_by_key(|key| key.version);
        if keys.windows(2).any(|two| two[0].version == two[1].version) {
            return Err(InvalidDeviceKeys::Duplicate);
        }
        Ok(Self { keys })
    }

    /// A new key as JSON, made of 32 random bytes (see [`gatecrumb_domain::random_bytes`]). Only for the secret store.
    #[must_use]
    pub fn new_json(random: [u8; 32]) -> Zeroizing<String> {
        let random = Zeroizing::new(random);
        let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        Zeroizing::new(format!("{{\"1\":\"{}\"}}", *secret))
    }

    /// The first 128 bits of the HMAC-SHA256 of `text` as 22 characters. It replaces the string in logs and table keys,
    /// which must distinguish strings but not contain them. Adding a key with a higher version changes all pseudonyms.
    #[must_use]
    pub fn pseudonym(&self, text: &str) -> String {
        self.newest().pseudonym(text)
    }

    pub(super) fn newest(&self) -> &DeviceKey {
        #[expect(clippy::expect_used, reason = "from_json refuses a set without keys")]
        self.keys.last().expect("at least one key")
    }

    pub(super) fn version(&self, version: u16) -> Option<&DeviceKey> {
        self.keys.iter().find(|key| key.version == version)
    }
}

/// Prints only the versions.
impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.keys.iter().map(|key| key.version))
            .finish()
    }
}

/// The members of the object in their order, including duplicates.
struct Secrets(Vec<(String, Zeroizing<String>)>);

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Secrets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secrets, A::Error> {
                let mut secrets = Vec::new();
                while let Some((version, secret)) = map.next_entry::<String, String>()? {
                    secrets.push((version, Zeroizing::new(secret)));
                }
                Ok(Secrets(secrets))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
