use std::fmt;

use precis_profiles::{OpaqueString, precis_core::profile::Rules as _};
use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

const MIN_CHARACTERS: usize = 8;
const MAX_CHARACTERS: usize = 128;

/// Why a new password was rejected. Length is the only rule, because NIST SP 800-63B-4 section 3.1.1.2 forbids
/// composition rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnfitPassword {
    /// Fewer than 8 characters.
    #[error("a password has at least 8 characters; 15 or more are recommended")]
    TooShort,
    /// More than 128 characters.
    #[error("a password has at most 128 characters")]
    TooLong,
}

/// A password in clear text, mapped like RFC 8265's `OpaqueString` (section 4.2.2: every other space becomes U+0020,
/// then normalization form C), and never trimmed or truncated. It is wiped when dropped, and its `Debug` output is
/// redacted.
///
/// The profile's list of characters does not apply: it rejects control characters and all characters that are newer
/// than the library's Unicode tables, such as new emoji. Users with such a password must be able to sign in.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password to verify. Any string is allowed: it matches the stored hash or it does not.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        // Allocated once, because a string that grows leaves copies in memory. Normalization at most triples the length
        // in UTF-8 (UAX #15).
        let mut normalized = Zeroizing::new(String::with_capacity(text.len() * 3));
        normalized.extend(text.chars().map(mapped).nfc());
        Self(normalized)
    }

    /// Whether the two passwords match.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }

    /// A new password.
    pub fn chosen(text: &str) -> Result<Self, UnfitPassword> {
        let password = Self::presented(text);
        match password.0.chars().count() {
            ..MIN_CHARACTERS => Err(UnfitPassword::TooShort),
            MIN_CHARACTERS..=MAX_CHARACTERS => Ok(password),
            _ => Err(UnfitPassword::TooLong),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The profile's additional mapping rule for one character. The library would map a whole password in its own strings,
/// which are not wiped. For one character, it allocates nothing or one space.
fn mapped(character: char) -> char {
    let mut utf8 = [0; 4];
    let text: &str = character.encode_utf8(&mut utf8);
    let mapped = OpaqueString::new().additional_mapping_rule(text);
    // The rule cannot fail, and maps one character to one character.
    mapped
        .ok()
        .and_then(|text| text.chars().next())
        .unwrap_or(character)
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use precis_profiles::precis_core::profile::Profile as _;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn length_counts_characters_after_normalization() {
        assert_eq!(Password::chosen("1234567").unwrap_err(), UnfitPassword::TooShort);
        assert!(Password::chosen("12345678").is_ok());
        // e and a combining acute accent, eight times: eight characters.
        assert!(Password::chosen(&"e\u{301}".repeat(8)).is_ok());
        assert_eq!(
            Password::chosen(&"e\u{301}".repeat(7)).unwrap_err(),
            UnfitPassword::TooShort
        );
        assert!(Password::chosen(&"\u{1f511}".repeat(128)).is_ok());
        assert_eq!(
            Password::chosen(&"x".repeat(129)).unwrap_err(),
            UnfitPassword::TooLong
        );
    }

    #[test]
    fn composed_and_decomposed_characters_are_the_same_password() {
        assert_eq!(
            Password::presented("caf\u{e9}").bytes(),
            Password::presented("cafe\u{301}").bytes()
        );
    }

    /// Unicode's general category Zs except U+0020 (`UnicodeData.txt` 17.0).
    const OTHER_SPACES: [char; 16] = [
        '\u{a0}', '\u{1680}', '\u{2000}', '\u{2001}', '\u{2002}', '\u{2003}', '\u{2004}', '\u{2005}',
        '\u{2006}', '\u{2007}', '\u{2008}', '\u{2009}', '\u{200a}', '\u{202f}', '\u{205f}', '\u{3000}',
    ];

    fn text(password: &str) -> String {
        String::from_utf8(Password::presented(password).bytes().to_vec()).unwrap()
    }

    #[test]
    fn every_character_except_other_spaces_is_only_normalized() {
        for character in (char::MIN..=char::MAX).filter(|character| *character != ' ') {
            let alone = character.to_string();
            let expected = if OTHER_SPACES.contains(&character) {
                " ".to_owned()
            } else {
                alone.nfc().collect()
            };
            assert_eq!(text(&alone), expected, "U+{:04X}", u32::from(character));
        }
    }

    /// Control characters, a noncharacter, private use, and unassigned characters.
    #[test]
    fn characters_that_the_profile_rejects_are_allowed() {
        for rejected in [
            '\0',
            '\t',
            '\u{7f}',
            '\u{ad}',
            '\u{feff}',
            '\u{e000}',
            '\u{378}',
            '\u{1fadc}',
            '\u{10ffff}',
        ] {
            let password = format!("1234567{rejected}");
            assert!(Password::chosen(&password).is_ok(), "{rejected:?}");
            assert_eq!(text(&password), password, "{rejected:?}");
        }
    }

    proptest! {
        #[test]
        fn mapping_is_idempotent_and_trims_nothing(body in any::<String>(), before in 0..4_usize, after in 0..4_usize) {
            let spaced = format!("{}{body}{}", " ".repeat(before), " ".repeat(after));
            let mapped = text(&spaced);
            prop_assert_eq!(text(&mapped), mapped.clone());
            prop_assert!(mapped.starts_with(&" ".repeat(before)) && mapped.ends_with(&" ".repeat(after)));
            prop_assert!(!mapped.contains(OTHER_SPACES));
        }

        #[test]
        fn all_spaces_and_all_normalization_forms_are_the_same_password(words in proptest::collection::vec("\\PC{0,6}", 1..5), space in 0..16_usize) {
            let typed = words.join(" ");
            let other = words.join(&OTHER_SPACES[space].to_string());
            prop_assert!(Password::presented(&typed).is(&Password::presented(&other)));
            let (composed, decomposed): (String, String) = (typed.nfc().collect(), typed.nfd().collect());
            prop_assert!(Password::presented(&composed).is(&Password::presented(&decomposed)));
        }

        /// For a password that the profile accepts, the result is the same.
        #[test]
        fn the_profile_maps_passwords_the_same_way(password in "\\PC{1,20}", space in 0..16_usize) {
            let password = format!("{password}{}", OTHER_SPACES[space]);
            if let Ok(enforced) = OpaqueString::new().enforce(password.as_str()) {
                prop_assert_eq!(text(&password), enforced);
            }
        }

        /// A password that outgrew its buffer would leave a copy in memory.
        #[test]
        fn no_password_outgrows_its_buffer(password in any::<String>()) {
            let mapped = Password::presented(&password);
            prop_assert!(mapped.bytes().len() <= password.len() * 3);
        }
    }

    #[test]
    fn debug_output_is_redacted() {
        assert_eq!(
            format!("{:?}", Password::presented("secret")),
            "Password(redacted)"
        );
    }
}
