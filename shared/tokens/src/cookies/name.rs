use std::{fmt, str::FromStr};

const MAX_BYTES: usize = 32;

/// What the names of one deployment's cookies begin with, after the prefix of RFC 6265bis. It tells two
/// deployments on one host apart: browsers share cookies between the ports of a host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CookieName(String);

/// Not a name that every browser and server writes alike.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a cookie name is 1 to 32 characters of a-z, 0-9 and -, a letter first")]
pub struct InvalidCookieName;

impl CookieName {
    /// The name's text.
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

    fn from_str(text: &str) -> Result<Self, InvalidCookieName> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let letter_first = text.starts_with(|first: char| first.is_ascii_lowercase());
        if letter_first && text.len() <= MAX_BYTES && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
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
    fn names_are_plain_and_short() {
        let longest = "n".repeat(32);
        for good in ["gatecrumb", "a", "shop-2", longest.as_str()] {
            assert_eq!(good.parse::<CookieName>().unwrap().as_str(), good);
        }
        let too_long = "n".repeat(33);
        for bad in [
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
            assert_eq!(bad.parse::<CookieName>(), Err(InvalidCookieName), "{bad:?}");
        }
    }
}
