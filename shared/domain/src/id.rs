use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    digest::sha256_start,
    random::{NoRandomness, Randomness, random_bytes},
};

const MAX_BYTES: usize = 64;

/// A string that is not 1 to 64 characters of `A-Z a-z 0-9 - _`. Only those are safe in a table key, a claim and a log.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("an identifier is 1 to 64 characters of A-Z a-z 0-9 - _")]
pub struct InvalidId;

fn valid(id: String) -> Result<String, InvalidId> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=MAX_BYTES).contains(&id.len()) && id.bytes().all(allowed) {
        Ok(id)
    } else {
        Err(InvalidId)
    }
}

fn random(randomness: &dyn Randomness) -> Result<String, NoRandomness> {
    loop {
        let id = URL_SAFE_NO_PAD.encode(random_bytes::<16>(randomness)?);
        // A leading hyphen would make it an option on a command line.
        if !id.starts_with('-') {
            return Ok(id);
        }
    }
}

fn fingerprint(id: &str) -> String {
    format!("{:016x}", sha256_start(id.as_bytes()))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A new identifier: 22 characters with nearly 128 random bits.
            pub fn random(randomness: &dyn Randomness) -> Result<Self, NoRandomness> {
                random(randomness).map(Self)
            }

            /// The identifier as a string.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first 16 hexadecimal digits of its SHA-256. They correlate log lines without revealing the
            /// identifier.
            #[must_use]
            pub fn fingerprint(&self) -> String {
                fingerprint(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(id: String) -> Result<Self, InvalidId> {
                valid(id).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(id: &str) -> Result<Self, InvalidId> {
                id.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// A user: the `sub` of both tokens. Random, and never reused.
    UserId
}
id! {
    /// A session, which is one sign-in in one browser: the `sid` of both tokens.
    SessionId
}
id! {
    /// A user's password: a new password gets a new version; a new hash of the same password keeps the version.
    PasswordVersion
}
id! {
    /// A token: its `jti`. The root of a session, the first token's `parent`, is also one.
    TokenId
}
id! {
    /// A browser in which somebody has signed in. It is in the device cookie and in the key of the device's counter.
    DeviceId
}
