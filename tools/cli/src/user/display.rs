//! How commands print a user.

use std::fmt::Write as _;

use gatecrumb_admin::Account;
use gatecrumb_domain::{Role, Roles};
use serde::Serialize;

/// A user as JSON.
#[derive(Serialize)]
pub(super) struct UserOutput<'a> {
    id: &'a str,
    username: &'a str,
    email: Option<&'a str>,
    name: Option<&'a str>,
    roles: &'a Roles,
    active: bool,
    session_epoch: u64,
    created_at: String,
    updated_at: String,
}

impl<'a> From<&'a Account> for UserOutput<'a> {
    fn from(account: &'a Account) -> Self {
        let user = &account.user;
        Self {
            id: user.id.as_str(),
            username: &user.username,
            email: user.email.as_deref(),
            name: user.name.as_deref(),
            roles: &user.roles,
            active: user.active,
            session_epoch: user.session_epoch,
            created_at: account.created_at.rfc3339(),
            updated_at: account.updated_at.rfc3339(),
        }
    }
}

/// A line for each attribute.
pub(super) fn text(account: &Account) -> String {
    lines(&fields(account), None)
}

/// The user after a change. A line whose attribute has changed shows the old value too.
pub(super) fn changes(before: &Account, after: &Account) -> String {
    lines(&fields(after), Some(&fields(before)))
}

/// One line, for a list.
pub(super) fn row(account: &Account) -> String {
    let user = &account.user;
    let state = if user.active { "" } else { "  disabled" };
    let [name, email] = [&user.name, &user.email].map(|it| it.as_deref().unwrap_or("–"));
    format!(
        "{:<24}  {:<24}  {:<24}  {}{state}",
        user.username,
        roles(&user.roles),
        name,
        email
    )
}

/// Separated by commas, or a dash.
pub(super) fn roles(roles: &Roles) -> String {
    let roles: Vec<String> = Vec::<Role>::from(roles.clone())
        .into_iter()
        .map(String::from)
        .collect();
    if roles.is_empty() {
        "–".to_owned()
    } else {
        roles.join(", ")
    }
}

type Fields = [(&'static str, String); 8];

fn fields(account: &Account) -> Fields {
    let user = &account.user;
    let optional = |value: &Option<String>| value.as_deref().unwrap_or("–").to_owned();
    let active = if user.active { "yes" } else { "no, disabled" };
    [
        ("username", user.username.clone()),
        ("id", user.id.as_str().to_owned()),
        ("email", optional(&user.email)),
        ("name", optional(&user.name)),
        ("roles", roles(&user.roles)),
        ("may sign in", active.to_owned()),
        ("created", account.created_at.rfc3339()),
        ("changed", account.updated_at.rfc3339()),
    ]
}

fn lines(fields: &Fields, before: Option<&Fields>) -> String {
    let mut text = String::new();
    for (index, (label, value)) in fields.iter().enumerate() {
        let old = before.map(|before| &before[index].1).filter(|old| *old != value);
        let old = old.map_or_else(String::new, |old| format!("{old} → "));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{label:<12} {old}{value}");
    }
    text.trim_end().to_owned()
}
