use std::fmt;

use argon2::{
    ARGON2ID_IDENT, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};

use crate::{
    SALT_BYTES,
    cost::{Cost, OUTPUT_BYTES},
};

const MIN_BYTES: usize = 16;
const MAX_BYTES: usize = 64;

/// A stored hash that this process will not compute.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnusableHash {
    /// Not a PHC string of argon2id version 19 with salt and output.
    #[error("the stored hash is not an argon2id v=19 PHC string")]
    Format,
    /// It asks for more (or less) than the bounds allow.
    #[error("the stored hash asks for parameters outside the bounds")]
    OutOfBounds,
}

/// A password hash as stored: a PHC string. Its Debug shows nothing.
#[derive(Clone, Eq, PartialEq)]
pub struct StoredHash(String);

impl StoredHash {
    /// The PHC string, for the table alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What comparing a password with it costs; an error when this process will not compute it.
    pub fn cost(&self) -> Result<Cost, UnusableHash> {
        self.parse().map(|hash| hash.cost)
    }

    pub(crate) fn new(cost: Cost, salt: [u8; SALT_BYTES], output: &[u8; OUTPUT_BYTES]) -> Option<Self> {
        let params = cost.params(OUTPUT_BYTES).ok()?;
        let hash = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).ok()?,
            salt: Some(Salt::new(&salt).ok()?),
            hash: Some(Output::new(output).ok()?),
        };
        Some(Self(hash.to_string()))
    }

    pub(crate) fn parse(&self) -> Result<ParsedHash, UnusableHash> {
        let phc = PasswordHash::new(&self.0).map_err(|_| UnusableHash::Format)?;
        // Pinned: what the row says never chooses the algorithm.
        if phc.algorithm != ARGON2ID_IDENT || phc.version != Some(Version::V0x13.into()) {
            return Err(UnusableHash::Format);
        }
        let (Some(salt), Some(output)) = (phc.salt, phc.hash) else {
            return Err(UnusableHash::Format);
        };
        let params = Params::try_from(&phc).map_err(|_| UnusableHash::OutOfBounds)?;
        // As we write them: the parser takes one that stands twice, and which of the two counts is its own affair.
        if !ParamsString::try_from(&params).is_ok_and(|written| written == phc.params) {
            return Err(UnusableHash::Format);
        }
        let cost = Cost::try_from(&params).map_err(|_| UnusableHash::OutOfBounds)?;
        let bounded = |bytes: &[u8]| (MIN_BYTES..=MAX_BYTES).contains(&bytes.len());
        // Key ids and associated data left the standard; we never write them.
        if !bounded(output.as_bytes())
            || salt.as_ref().len() < 8
            || !params.keyid().is_empty()
            || !params.data().is_empty()
        {
            return Err(UnusableHash::OutOfBounds);
        }
        Ok(ParsedHash {
            cost,
            salt: salt.as_ref().to_vec(),
            output: output.as_bytes().to_vec(),
        })
    }
}

impl From<String> for StoredHash {
    fn from(phc: String) -> Self {
        Self(phc)
    }
}

impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredHash(redacted)")
    }
}

pub(crate) struct ParsedHash {
    pub(crate) cost: Cost,
    pub(crate) salt: Vec<u8>,
    pub(crate) output: Vec<u8>,
}
