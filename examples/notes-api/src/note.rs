use gatecrumb_domain::Timestamp;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The most notes of one user. One transaction of DynamoDB (100 writes) can delete them all.
pub const MAX_NOTES: usize = 50;
/// The most characters of a note.
pub const MAX_CHARACTERS: usize = 2000;

/// A note as a response shows it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Note {
    /// Names the note in the path.
    pub id: NoteId,
    /// Its contents.
    pub text: Text,
    /// In milliseconds since the epoch, so that notes of one second have an order; shown as RFC 3339.
    #[serde(serialize_with = "rfc3339")]
    pub created_at: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn rfc3339<S: Serializer>(millis: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&Timestamp(millis / 1000).rfc3339())
}

/// A random UUID.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoteId(Uuid);

impl NoteId {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// From a path or a row.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl std::fmt::Display for NoteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl Serialize for NoteId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The contents of a note: 1 to [`MAX_CHARACTERS`] characters, without white space at its ends.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Text(String);

/// A text that is empty or too long.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a note has 1 to {MAX_CHARACTERS} characters")]
pub struct InvalidText;

impl Text {
    /// Trims and checks.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if (1..=MAX_CHARACTERS).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidText)
        }
    }

    /// The text as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_trimmed_and_has_1_to_2000_characters() {
        let long = "\u{1f5d2}".repeat(MAX_CHARACTERS);
        for (given, expected) in [
            ("milk", Some("milk")),
            (" \n two\nlines \t", Some("two\nlines")),
            (&long, Some(long.as_str())),
            (&format!(" {long} "), Some(&long)),
            ("", None),
            (" \n", None),
            (&format!("{long}a"), None),
        ] {
            let parsed = Text::parse(given);
            assert_eq!(parsed.as_ref().map(Text::as_str).ok(), expected, "{given:.20}");
        }
    }

    #[test]
    fn an_id_is_a_uuid_and_has_one_form() {
        let id = NoteId::random();
        assert_eq!(NoteId::parse(&id.to_string()), Some(id));
        assert_eq!(NoteId::parse(&id.to_string().to_uppercase()), Some(id));
        assert_ne!(NoteId::random(), id);
        for other in ["", "1", "counts", "../x", &format!("{id}0")] {
            assert_eq!(NoteId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_note_is_shown_with_its_time_in_utc() {
        let note = Note {
            id: NoteId::parse("67e55044-10b1-426f-9247-bb680e5fe0c8").unwrap(),
            text: Text::parse("milk").unwrap(),
            created_at: 1_790_000_000_999,
        };
        assert_eq!(
            serde_json::to_value(note).unwrap(),
            serde_json::json!({
                "id": "67e55044-10b1-426f-9247-bb680e5fe0c8",
                "text": "milk",
                "created_at": "2026-09-21T14:13:20Z",
            })
        );
    }
}
