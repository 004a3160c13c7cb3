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
    cli::Target,
    output,
    password::{self, CostOptions},
    table::{Access, Table},
};

const MAX_PROFILE_BYTES: usize = 254;

/// The subcommands of `user`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a user; prompts for the password
    Create {
        /// The username
        username: String,
        /// The user's e-mail address
        #[arg(long)]
        email: Option<String>,
        /// The user's full name
        #[arg(long)]
        name: Option<String>,
        /// A role, as your application names it; can be repeated
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
        /// The username
        username: String,
    },
    /// Stop a user from signing in, and end all sessions
    Disable {
        /// The username
        username: String,
    },
    /// Allow a user to sign in again
    Enable {
        /// The username
        username: String,
    },
    /// Set a new password and end all sessions; prompts for the password
    SetPassword {
        /// The username
        username: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        cost: CostOptions,
    },
    /// Change a username; sessions continue
    Rename {
        /// The username
        username: String,
        /// The new username
        new: String,
    },
    /// Replace a user's roles; without ROLES, remove them all
    Roles {
        /// The username
        username: String,
        /// All roles of the user from now on
        roles: Vec<String>,
    },
    /// Delete a user and end all sessions
    Delete {
        /// The username
        username: String,
        /// Confirm the deletion
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Serialize)]
struct UserOutput<'a> {
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

impl UserOutput<'_> {
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

pub(crate) async fn run(target: &Target, command: Command) -> Result<(), Failure> {
    // Prompt before opening the table: no prompt waits with the lock held.
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
            let (table, mut audit_log) = (Table::open(target, Access::Create).await?, target.audit_log()?);
            table.store.create_user(&user, now()).await?;
            audit_log.record("user_created", about(&user.id, &user.username))?;
            show(target, &table.store, &user.username).await
        }
        Command::Show { username } => {
            let table = Table::open(target, Access::Existing).await?;
            show(target, &table.store, &Username::parse(&username)?).await
        }
        Command::Disable { username } => change(target, &username, Change::Disable).await,
        Command::Enable { username } => change(target, &username, Change::Enable).await,
        Command::Roles { username, roles } => {
            change(target, &username, Change::Roles(parse_roles(&roles)?)).await
        }
        Command::SetPassword {
            username,
            password_stdin,
            cost,
        } => {
            let cost = cost.cost()?;
            let hash = password::hash(password::read_new(password_stdin, &[&username])?, cost).await?;
            let version = PasswordVersion::random(&SystemRandomness)?;
            change(target, &username, Change::Password { hash, version }).await
        }
        Command::Rename { username, new } => {
            let (old, new) = (Username::parse(&username)?, Username::parse(&new)?);
            let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
            let user = find(&table.store, &old).await?.user.id;
            table.store.rename_user(&user, &old, &new, now()).await?;
            audit_log.record("user_renamed", about(&user, &new))?;
            show(target, &table.store, &new).await
        }
        Command::Delete { username, yes } => {
            let name = Username::parse(&username)?;
            if !yes {
                return Err(Failure::new(format!(
                    "this deletes {}: run the command again with --yes to confirm",
                    name.as_str()
                )));
            }
            let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
            let account = find(&table.store, &name).await?;
            if !table.store.delete_user(&account.user.id, &name).await? {
                return Err(Failure::new(
                    "another command changed the user at the same time: run this one again",
                ));
            }
            audit_log.record("user_deleted", about(&account.user.id, &name))?;
            let output = UserOutput::from(&account);
            output::result(target.json, &output, format!("deleted {}", name.as_str()));
            Ok(())
        }
    }
}

async fn change(target: &Target, username: &str, change: Change) -> Result<(), Failure> {
    let name = Username::parse(username)?;
    let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
    let user = find(&table.store, &name).await?.user.id;
    if !table.store.change_user(&user, &change, now()).await? {
        return Err(no_such_user(&name));
    }
    let event = match change {
        Change::Disable => "user_disabled",
        Change::Enable => "user_enabled",
        Change::Roles(_) => "user_roles_set",
        Change::Password { .. } => "user_password_set",
        Change::EndSessions => "sessions_revoked",
    };
    audit_log.record(event, about(&user, &name))?;
    show(target, &table.store, &name).await
}

async fn show(target: &Target, store: &Store, name: &Username) -> Result<(), Failure> {
    let account = find(store, name).await?;
    let output = UserOutput::from(&account);
    output::result(target.json, &output, output.text());
    Ok(())
}

pub(crate) async fn find(store: &Store, name: &Username) -> Result<Account, Failure> {
    store.find_account(name).await?.ok_or_else(|| no_such_user(name))
}

/// The members of an audit line that identify a user.
pub(crate) fn about(user: &UserId, name: &Username) -> Value {
    json!({ "user": user.as_str(), "username": name.as_str() })
}

fn no_such_user(name: &Username) -> Failure {
    Failure::new(format!("no such user: {}", name.as_str()))
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
            "{option} is not valid: use 1 to {MAX_PROFILE_BYTES} bytes without control characters"
        ))),
        text => Ok(text),
    }
}
