use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    digest::sha256,
    random::{NoRandomness, Randomness, random_bytes},
};

const MAX_BYTES: usize = 64;

/// An identifier is 1 to 64 characters of `A-Z a-z 0-9 - _`: safe in a key of the table, in a claim and in a log.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("an identifier is 1 to 64 characters of A-Z a-z 0-9 - _")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A new one of 22 characters and nearly 128 random bits.
            pub fn random(randomness: &dyn Randomness) -> Result<Self, NoRandomness> {
                loop {
                    let id = URL_SAFE_NO_PAD.encode(random_bytes::<16>(randomness)?);
                    // On a command line it must not pass for an option.
                    if !id.starts_with('-') {
                        return Ok(Self(id));
                    }
                }
            }

            /// The identifier's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// 16 hexadecimal characters of its SHA-256: tells log lines apart without naming it.
            #[must_use]
            pub fn fingerprint(&self) -> String {
                sha256(self.0.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
                if (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId)
                }
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.to_owned().try_into()
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
    /// A user, the `sub` of both tokens. Never reused, never shown to be chosen by anyone.
    UserId
}
id! {
    /// A session: one sign-in in one browser, the `sid` of both tokens.
    SessionId
}
id! {
    /// One password of a user: each new one has another. A hash that is made anew of the same password keeps it.
    PasswordVersion
}
id! {
    /// A token, its `jti`; the root that a session starts from is one too.
    TokenId
}
id! {
    /// A browser in which somebody has signed in: in its device cookie, and in the key of its counter.
    DeviceId
}
