use precis_profiles::{UsernameCaseMapped, precis_core::profile::Profile as _};

const MAX_BYTES: usize = 254;

/// A string that is not a username: empty, over 254 bytes, or with characters that RFC 8265 disallows (spaces,
/// controls, mixed directions, …).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a username is 1 to 254 bytes of letters, digits and ASCII symbols, without spaces (RFC 8265 UsernameCaseMapped)"
)]
pub struct InvalidUsername;

/// A sign-in name, normalized by RFC 8265's `UsernameCaseMapped` so that all spellings of a name are equal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Username(String);

impl Username {
    /// Trims, maps width and case, normalizes, and rejects what the profile disallows. It trims because phone keyboards
    /// append a space to a completed word, and files may begin with a byte order mark.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        let text = trimmed(text);
        if text.is_empty() || text.len() > MAX_BYTES {
            return Err(InvalidUsername);
        }
        let profile = UsernameCaseMapped::new();
        let name = profile.enforce(text).map_err(|_| InvalidUsername)?.into_owned();
        // Enforcing the profile must be idempotent (RFC 8264 section 7). It is not for some capital letters, whose
        // small letters the profile rejects.
        let is_stable = profile.enforce(name.as_str()).is_ok_and(|again| again == name);
        if name.is_empty() || name.len() > MAX_BYTES || !is_stable {
            Err(InvalidUsername)
        } else {
            Ok(Self(name))
        }
    }

    /// The name as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `text` without leading and trailing Unicode `White_Space` and byte order marks. No username contains any of them.
#[must_use]
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_name_are_equal() {
        let name = Username::parse("andré@example.com").unwrap();
        for spelling in [
            "André@Example.com",
            "andre\u{301}@example.com",
            "ANDRÉ@EXAMPLE.COM",
            "ａndré@example.com",
        ] {
            assert_eq!(Username::parse(spelling).unwrap(), name, "{spelling}");
        }
    }

    #[test]
    fn white_space_is_trimmed_around_a_name_and_rejected_inside_it() {
        let ada = Username::parse("ada").unwrap();
        let blanks = (char::MIN..=char::MAX).filter(|character| character.is_whitespace());
        let mut tried = 0;
        for blank in blanks.chain(['\u{feff}']) {
            for spelling in [
                format!("ada{blank}"),
                format!("{blank}Ada"),
                format!("{blank}{blank}ada \t{blank}"),
            ] {
                assert_eq!(Username::parse(&spelling), Ok(ada.clone()), "{spelling:?}");
            }
            for invalid in [format!("a{blank}da"), blank.to_string()] {
                assert_eq!(Username::parse(&invalid), Err(InvalidUsername), "{invalid:?}");
            }
            tried += 1;
        }
        assert_eq!(tried, 26);
        let longest = "x".repeat(254);
        assert!(Username::parse(&format!(" {longest} ")).is_ok());
    }

    #[test]
    fn invalid_names_are_rejected() {
        let long = "x".repeat(255);
        for text in [
            "",
            " ",
            "a b",
            "a\0b",
            "a\nb",
            "\u{202e}abc",
            "\u{200b}",
            "a\u{fffd}",
            "LOGIN#\u{7f}",
            // A Cherokee capital letter. Its small letter is newer than the profile's tables. Found by tools/fuzz.
            "\u{13e9}",
            &long,
        ] {
            assert_eq!(Username::parse(text), Err(InvalidUsername), "{text:?}");
        }
        assert!(Username::parse(&"x".repeat(254)).is_ok());
    }

    #[test]
    fn the_name_is_bounded_before_and_after_normalization() {
        // A fullwidth letter has three bytes, and its normalized form has one.
        for (count, is_valid) in [(84, true), (85, false)] {
            assert_eq!(Username::parse(&"ａ".repeat(count)).is_ok(), is_valid, "{count}");
        }
        // This capital letter has two bytes, and its small letter has three.
        for (count, is_valid) in [(84, true), (85, false)] {
            assert_eq!(Username::parse(&"Ⱥ".repeat(count)).is_ok(), is_valid, "{count}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_idempotent(
            printable in "\\PC{0,40}",
            any in proptest::collection::vec(any::<char>(), 0..20),
        ) {
            for text in [printable, any.into_iter().collect()] {
                if let Ok(name) = Username::parse(&text) {
                    prop_assert_eq!(Username::parse(name.as_str()), Ok(name.clone()));
                }
            }
        }
    }
}
