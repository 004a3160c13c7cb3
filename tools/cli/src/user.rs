//! `gatecrumb user`.

mod create;
mod display;
mod list;
mod roles;

use clap::Subcommand;
use gatecrumb_admin::{Account, Admin as _, Change, RenameError};
use gatecrumb_domain::{PasswordVersion, UserId, Username};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_store::Store;
use serde_json::{Value, json};

use crate::{
    Failure,
    cli::Target,
    confirm::Confirmation,
    output,
    password::{self, CostOptions},
    table::{Access, Table},
};
use create::CreateOptions;
use display::UserOutput;
use list::ListOptions;
use roles::RoleOptions;

/// The subcommands of `user`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a user; prompts for the password
    #[command(after_help = "Examples:
  gatecrumb user create ada
  gatecrumb user create ada --email ada@example.com --role admin --role reader
  gatecrumb user create ada --table TABLE --password-stdin < password.txt")]
    Create(CreateOptions),
    /// List users, page by page; reads the entire table
    #[command(after_help = "Examples:
  gatecrumb user list
  gatecrumb user list --prefix ad --json
  gatecrumb user list --limit 1000 --after ID --table TABLE

Each page is sorted. The pages are in the order of the table, which is none.")]
    List(ListOptions),
    /// Show a user
    #[command(after_help = "Examples:
  gatecrumb user show ada
  gatecrumb user show ada --table TABLE --json")]
    Show {
        /// The username
        username: String,
    },
    /// Stop a user from signing in, and end all sessions
    #[command(after_help = "Examples:
  gatecrumb user disable ada")]
    Disable {
        /// The username
        username: String,
    },
    /// Allow a user to sign in again
    #[command(after_help = "Examples:
  gatecrumb user enable ada")]
    Enable {
        /// The username
        username: String,
    },
    /// Set a new password and end all sessions; prompts for the password
    #[command(after_help = "Examples:
  gatecrumb user set-password ada
  gatecrumb user set-password ada --password-stdin < password.txt")]
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
    #[command(after_help = "Examples:
  gatecrumb user rename ada ada.lovelace")]
    Rename {
        /// The username
        username: String,
        /// The new username
        new: String,
    },
    /// Show or change a user's roles
    #[command(after_help = "Examples:
  gatecrumb user roles ada                          shows them
  gatecrumb user roles ada --add admin,reader
  gatecrumb user roles ada --remove admin
  gatecrumb user roles ada --set reader             replaces them all
  gatecrumb user roles ada --none                   removes them all")]
    Roles {
        /// The username
        username: String,
        #[command(flatten)]
        options: RoleOptions,
    },
    /// Delete a user and end all sessions; prompts for confirmation
    #[command(after_help = "Examples:
  gatecrumb user delete ada
  gatecrumb user delete ada --yes                   without the prompt, for scripts")]
    Delete {
        /// The username
        username: String,
        #[command(flatten)]
        confirmation: Confirmation,
    },
}

pub(crate) async fn run(target: &Target, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(options) => create::run(target, options).await,
        Command::List(options) => list::run(target, &options).await,
        Command::Show { username } => {
            let name = Username::parse(&username)?;
            let table = Table::open(target, Access::Existing).await?;
            show(target, &table.store, &name).await
        }
        Command::Disable { username } => {
            let done = "disabled NAME and ended all sessions";
            change(target, &Username::parse(&username)?, Change::Disable, done).await
        }
        Command::Enable { username } => {
            change(
                target,
                &Username::parse(&username)?,
                Change::Enable,
                "enabled NAME",
            )
            .await
        }
        Command::Roles { username, options } => {
            roles::run(target, &Username::parse(&username)?, &options).await
        }
        Command::SetPassword {
            username,
            password_stdin,
            cost,
        } => {
            let (name, cost) = (Username::parse(&username)?, cost.cost()?);
            // Before the prompts.
            look_up(target, &name).await?;
            let password = password::read_new(password_stdin, &[name.as_str()])?;
            let hash = password::hash(password, cost).await?;
            let version = PasswordVersion::random(&SystemRandomness)?;
            let done = "set a new password for NAME and ended all sessions";
            change(target, &name, Change::Password { hash, version }, done).await
        }
        Command::Rename { username, new } => {
            rename(target, &Username::parse(&username)?, &Username::parse(&new)?).await
        }
        Command::Delete {
            username,
            confirmation,
        } => delete(target, &Username::parse(&username)?, &confirmation).await,
    }
}

async fn rename(target: &Target, old: &Username, new: &Username) -> Result<(), Failure> {
    let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
    let before = find(&table.store, old).await?;
    if old == new {
        let summary = format!("nothing to change: the username is {}", new.as_str());
        return report(target, &summary, &before, &before);
    }
    let id = &before.user.id;
    match table.store.rename_user(id, old, new, now()).await {
        Ok(()) => {}
        Err(RenameError::NameTaken) => return Err(taken(new)),
        Err(RenameError::Changed) => return Err(changed_concurrently(old)),
        Err(RenameError::Unavailable(error)) => return Err(error.into()),
    }
    audit_log
        .record("user_renamed", about(id, new))
        .map_err(Failure::after_the_change)?;
    let after = find(&table.store, new).await.map_err(Failure::after_the_change)?;
    let summary = format!("renamed {} to {}", old.as_str(), new.as_str());
    report(target, &summary, &before, &after)
}

async fn delete(target: &Target, name: &Username, confirmation: &Confirmation) -> Result<(), Failure> {
    // Before the prompt.
    look_up(target, name).await?;
    confirmation.confirm(&format!("delete the user {} and end all sessions", name.as_str()))?;
    let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
    let account = find(&table.store, name).await?;
    if !table.store.delete_user(&account.user.id, name).await? {
        return Err(changed_concurrently(name));
    }
    audit_log
        .record("user_deleted", about(&account.user.id, name))
        .map_err(Failure::after_the_change)?;
    let summary = format!("deleted {} and ended all sessions", name.as_str());
    output::changed(target.json, &UserOutput::from(&account), summary)
}

/// `done` says what the change did, with NAME for the username.
async fn change(target: &Target, name: &Username, change: Change, done: &str) -> Result<(), Failure> {
    let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
    let before = find(&table.store, name).await?;
    if !table.store.change_user(&before.user.id, &change, now()).await? {
        return Err(no_such_user(name));
    }
    let event = match change {
        Change::Disable => "user_disabled",
        Change::Enable => "user_enabled",
        Change::Roles(_) | Change::ReplaceRoles { .. } => "user_roles_set",
        Change::Password { .. } => "user_password_set",
        Change::EndSessions => "sessions_revoked",
    };
    audit_log
        .record(event, about(&before.user.id, name))
        .map_err(Failure::after_the_change)?;
    let after = find(&table.store, name)
        .await
        .map_err(Failure::after_the_change)?;
    report(target, &done.replace("NAME", name.as_str()), &before, &after)
}

async fn show(target: &Target, store: &Store, name: &Username) -> Result<(), Failure> {
    let account = find(store, name).await?;
    output::result(target.json, &UserOutput::from(&account), display::text(&account))
}

/// Prints what a change did, and the user after it.
fn report(target: &Target, summary: &str, before: &Account, after: &Account) -> Result<(), Failure> {
    let text = format!("{summary}\n\n{}", display::changes(before, after));
    output::changed(target.json, &UserOutput::from(after), text)
}

/// The user. Opens the table only for this, because a prompt follows.
pub(crate) async fn look_up(target: &Target, name: &Username) -> Result<Account, Failure> {
    let table = Table::open(target, Access::Existing).await?;
    find(&table.store, name).await
}

pub(crate) async fn find(store: &Store, name: &Username) -> Result<Account, Failure> {
    store.find_account(name).await?.ok_or_else(|| no_such_user(name))
}

/// The members of an audit line that identify a user.
pub(crate) fn about(user: &UserId, name: &Username) -> Value {
    json!({ "user": user.as_str(), "username": name.as_str() })
}

pub(crate) fn no_such_user(name: &Username) -> Failure {
    Failure::new(format!(
        "no such user: {} (list them with `gatecrumb user list`)",
        name.as_str()
    ))
}

fn taken(name: &Username) -> Failure {
    Failure::new(format!(
        "the username {0} is taken: choose another, or see who has it with `gatecrumb user show {0}`",
        name.as_str()
    ))
}

fn changed_concurrently(name: &Username) -> Failure {
    Failure::new(format!(
        "another command changed {} at the same time: run this one again",
        name.as_str()
    ))
}
