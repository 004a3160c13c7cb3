use gatecrumb_domain::{Roles, User};
use serde::Serialize;

/// A user in the responses of login and me.
#[derive(Serialize)]
pub struct UserView<'a> {
    id: &'a str,
    username: &'a str,
    email: Option<&'a str>,
    name: Option<&'a str>,
    roles: &'a Roles,
}

impl<'a> From<&'a User> for UserView<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.as_str(),
            username: &user.username,
            email: user.email.as_deref(),
            name: user.name.as_deref(),
            roles: &user.roles,
        }
    }
}
