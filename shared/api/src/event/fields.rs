//! A JSON object whose fields are read one by one.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use serde_json::value::RawValue;

/// A string in which an unpaired surrogate becomes replacement characters.
#[derive(Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Text(pub(super) String);

/// The fields of an object. If a name occurs twice, the last one counts.
#[derive(Default)]
pub(crate) struct Fields<'a>(BTreeMap<Text, &'a RawValue>);

impl<'a> Fields<'a> {
    /// `None` if it is not an object.
    pub(crate) fn read(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(&Text(name.to_owned())).copied()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.get() != "null")
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let Text(text) = parse(self.get(name)?)?;
        Some(text)
    }

    /// Empty if there is no such object.
    pub(crate) fn object(&self, name: &str) -> Self {
        self.get(name)
            .and_then(|value| Self::read(value.get()))
            .unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(Text(name), value)| (name.as_str(), *value))
    }
}

/// `None` if the value is of another type.
pub(super) fn parse<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Option<T> {
    serde_json::from_str(value.get()).ok()
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lossy;

        impl Visitor<'_> for Lossy {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(match String::from_utf8_lossy(bytes) {
                    Cow::Borrowed(text) => text.to_owned(),
                    Cow::Owned(text) => text,
                }))
            }
        }

        // Only as bytes does serde_json accept an unpaired surrogate.
        deserializer.deserialize_bytes(Lossy)
    }
}
