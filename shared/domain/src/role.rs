use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The most roles that a user can have. Together with the length limit of a [`Role`], it keeps the access cookie below
/// the 4,096 bytes that browsers accept.
pub const MAX_ROLES: usize = 16;
const MAX_ROLE_BYTES: usize = 32;

/// Why a list of roles was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidRole {
    /// The role is empty, too long, or contains another character.
    #[error("a role is 1 to 32 characters of A-Z a-z 0-9 . : / _ -")]
    Format,
    /// More than [`MAX_ROLES`].
    #[error("a user has at most 16 roles")]
    TooMany,
}

/// A role, which only the application interprets: 1 to 32 characters of `A-Z a-z 0-9 . : / _ -`.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Role(String);

impl TryFrom<String> for Role {
    type Error = InvalidRole;

    fn try_from(role: String) -> Result<Self, InvalidRole> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
        if (1..=MAX_ROLE_BYTES).contains(&role.len()) && role.bytes().all(allowed) {
            Ok(Self(role))
        } else {
            Err(InvalidRole::Format)
        }
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(role: &str) -> Result<Self, InvalidRole> {
        role.to_owned().try_into()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.0
    }
}

/// A user's roles: sorted, without duplicates, at most [`MAX_ROLES`].
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<Role>", into = "Vec<Role>")]
pub struct Roles(Vec<Role>);

impl Roles {
    /// Whether this exact role is among them.
    #[must_use]
    pub fn contains(&self, role: &str) -> bool {
        self.0.iter().any(|own| own.0 == role)
    }
}

impl TryFrom<Vec<Role>> for Roles {
    type Error = InvalidRole;

    fn try_from(mut roles: Vec<Role>) -> Result<Self, InvalidRole> {
        roles.sort();
        roles.dedup();
        if roles.len() > MAX_ROLES {
            return Err(InvalidRole::TooMany);
        }
        Ok(Self(roles))
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.0
    }
}
