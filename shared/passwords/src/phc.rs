//! PHC strings of argon2id: writing them, and parsing them within bounds.

use argon2::{
    ARGON2ID_IDENT, Params, Version,
    password_hash::phc::{self, Output, ParamsString, Salt},
};
use gatecrumb_domain::PasswordHash;

use crate::{
    SALT_BYTES,
    cost::{Cost, OUTPUT_BYTES},
};

const MIN_BYTES: usize = 16;
const MAX_BYTES: usize = 64;

/// Why a stored hash is not computed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnusableHash {
    /// It is not a PHC string of argon2id version 19 with salt and output.
    #[error("the stored hash is not an argon2id v=19 PHC string")]
    Format,
    /// Its parameters are outside the bounds.
    #[error("the stored hash has parameters outside the bounds")]
    OutOfBounds,
}

impl Cost {
    /// What comparing a password with `hash` costs, or why that is not possible.
    pub fn of(hash: &PasswordHash) -> Result<Self, UnusableHash> {
        Argon2idHash::read(hash).map(|hash| hash.cost)
    }
}

/// A hash whose algorithm and parameters are within the bounds.
pub(crate) struct Argon2idHash {
    pub(crate) cost: Cost,
    pub(crate) salt: Vec<u8>,
    pub(crate) output: Vec<u8>,
}

impl Argon2idHash {
    pub(crate) fn read(hash: &PasswordHash) -> Result<Self, UnusableHash> {
        let phc = phc::PasswordHash::new(hash.expose()).map_err(|_| UnusableHash::Format)?;
        // The stored string must not choose the algorithm.
        if phc.algorithm != ARGON2ID_IDENT || phc.version != Some(Version::V0x13.into()) {
            return Err(UnusableHash::Format);
        }
        let (Some(salt), Some(output)) = (phc.salt, phc.hash) else {
            return Err(UnusableHash::Format);
        };
        let params = Params::try_from(&phc).map_err(|_| UnusableHash::OutOfBounds)?;
        // Only as we write them: the parser accepts a parameter twice and does not document which one it uses.
        if !ParamsString::try_from(&params).is_ok_and(|written| written == phc.params) {
            return Err(UnusableHash::Format);
        }
        let cost = Cost::try_from(&params).map_err(|_| UnusableHash::OutOfBounds)?;
        let bounded = |bytes: &[u8]| (MIN_BYTES..=MAX_BYTES).contains(&bytes.len());
        // RFC 9106 no longer has key ids and associated data in the string, and we never write them.
        if !bounded(output.as_bytes())
            || salt.as_ref().len() < 8
            || !params.keyid().is_empty()
            || !params.data().is_empty()
        {
            return Err(UnusableHash::OutOfBounds);
        }
        Ok(Self {
            cost,
            salt: salt.as_ref().to_vec(),
            output: output.as_bytes().to_vec(),
        })
    }
}

/// The PHC string of a new hash.
pub(crate) fn write(cost: Cost, salt: [u8; SALT_BYTES], output: &[u8; OUTPUT_BYTES]) -> Option<PasswordHash> {
    let params = cost.params(OUTPUT_BYTES).ok()?;
    let hash = phc::PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).ok()?,
        salt: Some(Salt::new(&salt).ok()?),
        hash: Some(Output::new(output).ok()?),
    };
    Some(hash.to_string().into())
}
