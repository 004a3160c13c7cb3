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

/// Why a text is not usable as device keys. It shows nothing of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidDeviceKeys {
    /// Not an object of texts.
    #[error("is not a JSON object of version and secret text")]
    NotAnObject,
    /// No key, or too many.
    #[error("holds no key or more than {MAX_KEYS}")]
    Count,
    /// Not 1 to 999 in canonical decimal.
    #[error("has a version that is not a whole number from 1 to {MAX_VERSION}")]
    Version,
    /// The same version twice.
    #[error("has a version twice")]
    Duplicate,
    /// Too short, too long or not visible ASCII.
    #[error("has a secret that is not {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} visible ASCII characters")]
    Secret,
}

/// The keys of device cookies and of pseudonyms, by version. The highest one makes new cookies and all pseudonyms;
/// every one verifies.
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
    /// Two keys that tell nothing of the secret, nor of one another.
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
    /// Reads `{"1":"secret text","2":"another"}` and refuses anything odd in it.
    pub fn from_json(json: &str) -> Result<Self, InvalidDeviceKeys> {
        let Secrets(secrets) = serde_json::from_str(json).map_err(|_| InvalidDeviceKeys::NotAnObject)?;
        if !(1..=MAX_KEYS).contains(&secrets.len()) {
            return Err(InvalidDeviceKeys::Count);
        }
        let mut keys = Vec::with_capacity(secrets.len());
        for (version, secret) in &secrets {
            let number = version.parse::<u16>().ok();
            let number = number.filter(|number| {
                // A plus sign or leading zeros would make two names of one version.
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

    /// One new key as JSON, made of 32 random bytes (see [`crate::random::bytes`]): for the secret store alone.
    #[must_use]
    pub fn new_json(random: [u8; 32]) -> Zeroizing<String> {
        let random = Zeroizing::new(random);
        let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        Zeroizing::new(format!("{{\"1\":\"{}\"}}", *secret))
    }

    /// What stands for a text that must be told apart from others, but not be read, in logs and keys of the table:
    /// 22 characters of its HMAC-SHA256. It changes when a higher version is added.
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

/// Shows the versions alone.
impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.keys.iter().map(|key| key.version))
            .finish()
    }
}

/// The members of the object in their order, one that comes twice included.
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
