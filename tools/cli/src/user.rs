//! `gatecrumb user`.

use std::fmt::Write as _;

use clap::Subcommand;
use gatecrumb_admin::{Account, Admin as _, Change, NewUser, Profile};
use gatecrumb_domain::{PasswordVersion, Role, Roles, UserId, Username};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_store::Store;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Failure,
    cli::Place,
    output,
    password::{self, CostOptions},
    table::Table,
};

const MAX_PROFILE_BYTES: usize = 254;

/// What to do with a user.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a user; the password is asked for
    Create {
        /// The name to sign in by
        username: String,
        /// Where to reach them
        #[arg(long)]
        email: Option<String>,
        /// How to address them
        #[arg(long)]
        name: Option<String>,
        /// What they may do, in your application's words; can be repeated
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        cost: CostOptions,
    },
    /// Show a user
    Show {
        /// The name to sign in by
        username: String,
    },
    /// Refuse to sign a user in, and end all sessions
    Disable {
        /// The name to sign in by
        username: String,
    },
    /// Let a user sign in again
    Enable {
        /// The name to sign in by
        username: String,
    },
    /// Set a new password, which is asked for, and end all sessions
    SetPassword {
        /// The name to sign in by
        username: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        cost: CostOptions,
    },
    /// Give a user another name to sign in by; sessions go on
    Rename {
        /// The name to sign in by
        username: String,
        /// The new one
        new: String,
    },
    /// Set a user's roles, none to take them all away
    Roles {
        /// The name to sign in by
        username: String,
        /// All the roles that the user has from now on
        roles: Vec<String>,
    },
    /// Delete a user; all sessions end
    Delete {
        /// The name to sign in by
        username: String,
        /// Really
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Serialize)]
struct Shown<'a> {
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

impl<'a> From<&'a Account> for Shown<'a> {
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

impl Shown<'_> {
    fn text(&self) -> String {
        let roles: Vec<String> = Vec::<Role>::from(self.roles.clone())
            .into_iter()
            .map(String::from)
            .collect();
        let roles = if roles.is_empty() {
            "–".to_owned()
        } else {
            roles.join(", ")
        };
        let active = if self.active { "yes" } else { "no, disabled" };
        let mut text = String::new();
        for (label, value) in [
            ("username", self.username),
            ("id", self.id),
            ("email", self.email.unwrap_or("–")),
            ("name", self.name.unwrap_or("–")),
            ("roles", roles.as_str()),
            ("may sign in", active),
            ("created", &self.created_at),
            ("changed", &self.updated_at),
        ] {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{label:<12} {value}");
        }
        text.trim_end().to_owned()
    }
}

pub(crate) async fn run(place: &Place, command: Command) -> Result<(), Failure> {
    // Asked before the table is opened: nobody types with a lock held.
    match command {
        Command::Create {
            username,
            email,
            name,
            roles,
            password_stdin,
            cost,
        } => {
            let cost = cost.cost()?;
            let username = Username::parse(&username)?;
            let profile = Profile {
                email: profile("--email", email)?,
                name: profile("--name", name)?,
            };
            let roles = parse_roles(&roles)?;
            let known = [
                Some(username.as_str()),
                profile.email.as_deref(),
                profile.name.as_deref(),
            ];
            let known: Vec<&str> = known.into_iter().flatten().collect();
            let password_hash = password::hash(password::read_new(password_stdin, &known)?, cost).await?;
            let user = NewUser {
                id: UserId::random(&SystemRandomness)?,
                username,
                password_hash,
                password_version: PasswordVersion::random(&SystemRandomness)?,
                profile,
                roles,
            };
            let (table, mut trail) = (Table::open(place).await?, place.trail()?);
            table.store.create_user(&user, now()).await?;
            trail.record("user_created", about(&user.id, &user.username))?;
            show(place, &table.store, &user.username).await
        }
        Command::Show { username } => {
            let table = Table::open(place).await?;
            show(place, &table.store, &Username::parse(&username)?).await
        }
        Command::Disable { username } => change(place, &username, Change::Disable).await,
        Command::Enable { username } => change(place, &username, Change::Enable).await,
        Command::Roles { username, roles } => {
            change(place, &username, Change::Roles(parse_roles(&roles)?)).await
        }
        Command::SetPassword {
            username,
            password_stdin,
            cost,
        } => {
            let cost = cost.cost()?;
            let hash = password::hash(password::read_new(password_stdin, &[&username])?, cost).await?;
            let version = PasswordVersion::random(&SystemRandomness)?;
            change(place, &username, Change::Password { hash, version }).await
        }
        Command::Rename { username, new } => {
            let (old, new) = (Username::parse(&username)?, Username::parse(&new)?);
            let (table, mut trail) = (Table::open(place).await?, place.trail()?);
            let user = find(&table.store, &old).await?.user.id;
            table.store.rename_user(&user, &old, &new, now()).await?;
            trail.record("user_renamed", about(&user, &new))?;
            show(place, &table.store, &new).await
        }
        Command::Delete { username, yes } => {
            let name = Username::parse(&username)?;
            if !yes {
                return Err(Failure::new(format!(
                    "this deletes {}: say --yes to go on",
                    name.as_str()
                )));
            }
            let (table, mut trail) = (Table::open(place).await?, place.trail()?);
            let account = find(&table.store, &name).await?;
            if !table.store.delete_user(&account.user.id, &name).await? {
                return Err(Failure::new("the user was changed by somebody else meanwhile"));
            }
            trail.record("user_deleted", about(&account.user.id, &name))?;
            let shown = Shown::from(&account);
            output::answer(place.json, &shown, format!("{} is deleted", name.as_str()));
            Ok(())
        }
    }
}

async fn change(place: &Place, username: &str, change: Change) -> Result<(), Failure> {
    let name = Username::parse(username)?;
    let (table, mut trail) = (Table::open(place).await?, place.trail()?);
    let user = find(&table.store, &name).await?.user.id;
    if !table.store.change_user(&user, &change, now()).await? {
        return Err(nobody(&name));
    }
    let event = match change {
        Change::Disable => "user_disabled",
        Change::Enable => "user_enabled",
        Change::Roles(_) => "user_roles_set",
        Change::Password { .. } => "user_password_set",
        Change::EndSessions => "sessions_revoked",
    };
    trail.record(event, about(&user, &name))?;
    show(place, &table.store, &name).await
}

async fn show(place: &Place, store: &Store, name: &Username) -> Result<(), Failure> {
    let account = find(store, name).await?;
    let shown = Shown::from(&account);
    output::answer(place.json, &shown, shown.text());
    Ok(())
}

pub(crate) async fn find(store: &Store, name: &Username) -> Result<Account, Failure> {
    store.find_account(name).await?.ok_or_else(|| nobody(name))
}

/// What the audit log says of a user.
pub(crate) fn about(user: &UserId, name: &Username) -> Value {
    json!({ "user": user.as_str(), "username": name.as_str() })
}

fn nobody(name: &Username) -> Failure {
    Failure::new(format!("nobody signs in as {}", name.as_str()))
}

fn parse_roles(roles: &[String]) -> Result<Roles, Failure> {
    let roles: Result<Vec<Role>, _> = roles.iter().map(|role| role.parse()).collect();
    Ok(roles?.try_into()?)
}

fn profile(option: &str, text: Option<String>) -> Result<Option<String>, Failure> {
    let fits =
        |text: &String| (1..=MAX_PROFILE_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    match text {
        Some(text) if !fits(&text) => Err(Failure::new(format!(
            "{option} takes 1 to {MAX_PROFILE_BYTES} bytes without control characters"
        ))),
        text => Ok(text),
    }
}
