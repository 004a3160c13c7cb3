//! The arguments, and the command that each one runs.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{Failure, audit::AuditLog, doctor, dynamodb, key, serve, session, user};

/// Cookie-held JWT sign-in: run it on this machine, and manage users, sessions and keys.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything on this machine: the endpoints, DynamoDB and a page to try them
    Serve(serve::Options),
    /// Run only the embedded DynamoDB, for functions that sam local or cargo lambda runs
    Dynamodb(dynamodb::Options),
    /// Create, show and change users
    User {
        #[command(flatten)]
        target: Target,
        #[command(subcommand)]
        command: user::Command,
    },
    /// List and revoke a user's sessions
    Session {
        #[command(flatten)]
        target: Target,
        #[command(subcommand)]
        command: session::Command,
    },
    /// Create, rotate and publish signing keys
    Key {
        #[command(flatten)]
        target: KeyTarget,
        #[command(subcommand)]
        command: key::Command,
    },
    /// Check a deployment from outside: https, cookies, CORS, cross-site requests, caches, proxies
    Doctor(doctor::Options),
}

/// The table that a command works on, and the output format.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// The table on AWS, with the credentials of your AWS profile or environment; default: the local table
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) table: Option<String>,
    /// Directory of the local table and keys; default: the nearest .gatecrumb/ here or above, or a new one here
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Target {
    pub(crate) fn audit_log(&self) -> Result<AuditLog, Failure> {
        AuditLog::open(self.state.as_deref(), self.table.as_deref())
    }
}

/// The keys that a command works on, and the output format.
#[derive(Args, Debug)]
pub(crate) struct KeyTarget {
    /// The secret in Secrets Manager, with the credentials of your AWS profile or environment; default: the local keys
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) secret: Option<String>,
    /// Directory of the local table and keys; default: the nearest .gatecrumb/ here or above, or a new one here
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print parameters of template.yaml as YAML, for `sam deploy --parameter-overrides file://…`
    #[arg(long, global = true, conflicts_with = "json")]
    pub(crate) sam: bool,
}

impl KeyTarget {
    pub(crate) fn audit_log(&self) -> Result<AuditLog, Failure> {
        AuditLog::open(self.state.as_deref(), self.secret.as_deref())
    }
}

/// Runs the command. Prints a failure on standard error.
pub async fn run(arguments: Arguments) -> ExitCode {
    let result: Result<(), Failure> = match arguments.command {
        Command::Serve(options) => serve::run(options).await,
        Command::Dynamodb(options) => dynamodb::run(options).await,
        Command::User { target, command } => user::run(&target, command).await,
        Command::Session { target, command } => session::run(&target, command).await,
        Command::Key { target, command } => key::run(&target, command).await,
        Command::Doctor(options) => doctor::run(options).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            crate::output::error(&failure);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn the_arguments_are_consistent() {
        super::Arguments::command().debug_assert();
    }

    /// A key from another tool may have a kid with a leading hyphen; ours never have one.
    #[test]
    fn a_kid_may_begin_with_a_hyphen() {
        let arguments = ["gatecrumb", "key", "retire", "-CFicJSF", "--json"];
        assert!(super::Arguments::try_parse_from(arguments).is_ok());
    }
}
