//! The arguments, and from each to its command.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{Failure, audit::Trail, doctor, dynamodb, key, serve, session, user};

/// Cookie-held JWT sign-in: run it on this machine, and manage users, sessions and keys.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole of it on this machine: the four endpoints, DynamoDB, a page to try them
    Serve(serve::Options),
    /// Run the embedded DynamoDB alone, for functions that run elsewhere: in sam local, in cargo lambda
    Dynamodb(dynamodb::Options),
    /// Create, show and change users
    User {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        command: user::Command,
    },
    /// List and revoke a user's sessions
    Session {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        command: session::Command,
    },
    /// Make, rotate and publish signing keys
    Key {
        #[command(flatten)]
        place: KeyPlace,
        #[command(subcommand)]
        command: key::Command,
    },
    /// Look at a deployment from outside: https, cookies, CORS, cross-site refusals, caches, proxies
    Doctor(doctor::Options),
}

/// Which table, and how to print.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// A table on AWS, reached by the usual AWS settings; without it the local one
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) table: Option<String>,
    /// Where the local table and keys are kept
    #[arg(long, global = true, value_name = "DIR", default_value = ".gatecrumb")]
    pub(crate) state: PathBuf,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Place {
    /// The trail of a change to this table.
    pub(crate) fn trail(&self) -> Result<Trail, Failure> {
        Trail::open(&self.state, self.table.as_deref())
    }
}

/// Which keys, and how to print.
#[derive(Args, Debug)]
pub(crate) struct KeyPlace {
    /// A secret in AWS Secrets Manager, reached by the usual AWS settings; without it the local keys
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) secret: Option<String>,
    /// Where the local table and keys are kept
    #[arg(long, global = true, value_name = "DIR", default_value = ".gatecrumb")]
    pub(crate) state: PathBuf,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print parameters of template.yaml, for a file that `sam deploy` reads
    #[arg(long, global = true, conflicts_with = "json")]
    pub(crate) sam: bool,
}

impl KeyPlace {
    /// The trail of a change to these keys.
    pub(crate) fn trail(&self) -> Result<Trail, Failure> {
        Trail::open(&self.state, self.secret.as_deref())
    }
}

/// Runs a command; what went wrong is said on standard error.
pub async fn run(arguments: Arguments) -> ExitCode {
    let done: Result<(), Failure> = match arguments.command {
        Command::Serve(options) => serve::run(options).await,
        Command::Dynamodb(options) => dynamodb::run(options).await,
        Command::User { place, command } => user::run(&place, command).await,
        Command::Session { place, command } => session::run(&place, command).await,
        Command::Key { place, command } => key::run(&place, command).await,
        Command::Doctor(options) => doctor::run(options).await,
    };
    match done {
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

    /// Keys of another make may begin with a hyphen; ours never do.
    #[test]
    fn a_kid_may_begin_with_a_hyphen() {
        let arguments = ["gatecrumb", "key", "retire", "-CFicJSF", "--json"];
        assert!(super::Arguments::try_parse_from(arguments).is_ok());
    }
}
