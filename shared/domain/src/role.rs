use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The most roles that a user can have. With [`Role`]'s own bound it keeps the access cookie under the 4,096
/// bytes that browsers accept.
pub const MAX_ROLES: usize = 16;
const MAX_ROLE_BYTES: usize = 32;

/// Why a list of roles was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidRole {
    /// A character that no role may have, an empty role, or one that is too long.
    #[error("a role is 1 to 32 characters of A-Z a-z 0-9 . : / _ -")]
    Text,
    /// More than [`MAX_ROLES`].
    #[error("a user has at most 16 roles")]
    TooMany,
}

/// What a user may do, in the application's own words: 1 to 32 characters of `A-Z a-z 0-9 . : / _ -`.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Role(String);

impl TryFrom<String> for Role {
    type Error = InvalidRole;

    fn try_from(text: String) -> Result<Self, InvalidRole> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
        if (1..=MAX_ROLE_BYTES).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text))
        } else {
            Err(InvalidRole::Text)
        }
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        text.to_owned().try_into()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.0
    }
}

/// A user's roles: sorted, each once, at most [`MAX_ROLES`].
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<Role>", into = "Vec<Role>")]
pub struct Roles(Vec<Role>);

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
