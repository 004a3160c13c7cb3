//! `gatecrumb user create`.

use clap::Args;
use gatecrumb_admin::{Admin as _, CreateError, NewUser, Profile};
use gatecrumb_domain::{PasswordVersion, UserId, Username};
use gatecrumb_runtime::{SystemRandomness, now};

use super::{UserOutput, about, display, find, roles, taken};
use crate::{
    Failure,
    cli::Target,
    output,
    password::{self, CostOptions},
    table::{Access, Table},
};

const MAX_PROFILE_BYTES: usize = 254;

/// The new user.
#[derive(Args, Debug)]
pub(crate) struct CreateOptions {
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
}

pub(super) async fn run(target: &Target, options: CreateOptions) -> Result<(), Failure> {
    let cost = options.cost.cost()?;
    let username = Username::parse(&options.username)?;
    let profile = Profile {
        email: profile("--email", options.email)?,
        name: profile("--name", options.name)?,
    };
    let roles = roles::parse(&options.roles)?;
    refuse_taken(target, &username).await?;
    let known = [
        Some(username.as_str()),
        profile.email.as_deref(),
        profile.name.as_deref(),
    ];
    let known: Vec<&str> = known.into_iter().flatten().collect();
    let password_hash = password::hash(password::read_new(options.password_stdin, &known)?, cost).await?;
    let user = NewUser {
        id: UserId::random(&SystemRandomness)?,
        username,
        password_hash,
        password_version: PasswordVersion::random(&SystemRandomness)?,
        profile,
        roles,
    };
    let (table, mut audit_log) = (Table::open(target, Access::Create).await?, target.audit_log()?);
    match table.store.create_user(&user, now()).await {
        Ok(()) => {}
        Err(CreateError::NameTaken) => return Err(taken(&user.username)),
        Err(error) => return Err(error.into()),
    }
    audit_log
        .record("user_created", about(&user.id, &user.username))
        .map_err(Failure::after_the_change)?;
    let account = find(&table.store, &user.username).await;
    let account = account.map_err(Failure::after_the_change)?;
    let text = format!(
        "created {}\n\n{}",
        user.username.as_str(),
        display::text(&account)
    );
    output::changed(target.json, &UserOutput::from(&account), text)
}

/// Reports a taken name before the prompts for the password, which can take a minute. The write checks it again. The
/// table is closed in between: no prompt waits with the lock held.
async fn refuse_taken(target: &Target, name: &Username) -> Result<(), Failure> {
    let table = Table::open(target, Access::Create).await?;
    match table.store.find_login(name).await? {
        Some(_) => Err(taken(name)),
        None => Ok(()),
    }
}

fn profile(option: &str, text: Option<String>) -> Result<Option<String>, Failure> {
    let fits =
        |text: &String| (1..=MAX_PROFILE_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    match text {
        Some(text) if !fits(&text) => Err(Failure::usage(format!(
            "{option} is not valid: use 1 to {MAX_PROFILE_BYTES} bytes without control characters"
        ))),
        text => Ok(text),
    }
}
