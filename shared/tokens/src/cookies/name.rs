use std::{fmt, str::FromStr};

const MAX_BYTES: usize = 32;

/// The start of the names of a deployment's cookies, after the prefix of RFC 6265bis. It distinguishes deployments on
/// one host, because browsers share cookies between the ports of a host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CookieName(String);

/// A name that some browser or server might change.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a cookie name is 1 to 32 characters of a-z, 0-9 and -, a letter first")]
pub struct InvalidCookieName;

impl CookieName {
    /// The name as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for CookieName {
    fn default() -> Self {
        Self("gatecrumb".to_owned())
    }
}

impl FromStr for CookieName {
    type Err = InvalidCookieName;

    fn from_str(name: &str) -> Result<Self, InvalidCookieName> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let letter_first = name.starts_with(|first: char| first.is_ascii_lowercase());
        if letter_first && name.len() <= MAX_BYTES && name.bytes().all(allowed) {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidCookieName)
        }
    }
}

impl fmt::Display for CookieName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_of_plain_characters() {
        let longest = "n".repeat(32);
        for valid in ["gatecrumb", "a", "shop-2", longest.as_str()] {
            let name: CookieName = valid.parse().unwrap();
            assert_eq!(name.as_str(), valid);
        }
        let too_long = "n".repeat(33);
        for invalid in [
            "",
            "2nd",
            "-a",
            "Shop",
            "__host-a",
            "a_b",
            "a b",
            "a=b",
            "a;b",
            "\u{e9}",
            too_long.as_str(),
        ] {
            assert_eq!(
                invalid.parse::<CookieName>(),
                Err(InvalidCookieName),
                "{invalid:?}"
            );
        }
    }
}
