use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

const MIN_CHARACTERS: usize = 8;
const MAX_CHARACTERS: usize = 128;

/// Why a password cannot be chosen. Length is the only rule (NIST SP 800-63B-4 section 3.1.1.2 forbids
/// composition rules).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnfitPassword {
    /// Fewer than 8 characters.
    #[error("a password has at least 8 characters; 15 or more are recommended")]
    TooShort,
    /// More than 128 characters.
    #[error("a password has at most 128 characters")]
    TooLong,
}

/// A password in clear, in Unicode's normalization form C, never shortened. It is wiped when dropped and its
/// Debug shows nothing.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password that somebody claims to have. Any text will do: it matches a stored hash or it does not.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        // Reserved whole, so that growing leaves no copies behind: normalizing at most triples UTF-8 (UAX #15).
        let mut normalized = Zeroizing::new(String::with_capacity(text.len() * 3));
        normalized.extend(text.nfc());
        Self(normalized)
    }

    /// A password that somebody wants to have from now on.
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

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

#[cfg(test)]
mod tests {
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
    fn composed_and_decomposed_are_the_same_password() {
        assert_eq!(
            Password::presented("caf\u{e9}").bytes(),
            Password::presented("cafe\u{301}").bytes()
        );
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(
            format!("{:?}", Password::presented("secret")),
            "Password(redacted)"
        );
    }
}
