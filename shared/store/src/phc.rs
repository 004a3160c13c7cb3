use std::fmt;

/// A password hash as stored: a PHC string. What it means is the password crate's affair, which only the sign-in
/// links. Its Debug shows nothing.
#[derive(Clone, Eq, PartialEq)]
pub struct PhcString(String);

impl PhcString {
    /// The text, for the table and for whoever verifies passwords.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for PhcString {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for PhcString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhcString(redacted)")
    }
}
