//! The arguments, and the command that each one runs.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    Failure, audit::AuditLog, aws::Resource, completions, doctor, dynamodb, failure::Exit, key, man, output,
    serve, session, user,
};

const EXIT_CODES: &str = "Exit codes:
  0   success, also if the reader of the output closes the pipe
  1   failure: nothing was changed; or a check of `doctor` failed
  2   the arguments are invalid, or a confirmation is missing
  69  AWS, or the local table, does not respond: try again later
  74  the change was made, but the output or audit.log could not be written
  77  the AWS credentials are missing, expired or not allowed to do this";

/// Cookie-held JWT sign-in: run it on this machine, and manage users, sessions and keys.
#[derive(Debug, Parser)]
#[command(name = "gatecrumb", version = env!("GATECRUMB_VERSION"), propagate_version = true, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything on this machine: the endpoints, DynamoDB and a page to try them
    #[command(after_help = "Examples:
  gatecrumb serve
  gatecrumb serve --port 4000 --memory")]
    Serve(serve::Options),
    /// Run only the embedded DynamoDB, for functions that sam local or cargo lambda runs
    #[command(after_help = "Examples:
  gatecrumb dynamodb
  gatecrumb dynamodb --fixtures --dynamodb-port 8001")]
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
    #[command(after_help = "Examples:
  gatecrumb doctor --url http://localhost:3000
  gatecrumb doctor --url https://auth.example.com --origin https://app.example.com
  gatecrumb doctor --url https://auth.example.com --username ada --json")]
    Doctor(doctor::Options),
    /// Print completions for a shell
    #[command(after_help = "Examples:
  gatecrumb completions bash > ~/.local/share/bash-completion/completions/gatecrumb
  gatecrumb completions zsh > ~/.zfunc/_gatecrumb
  gatecrumb completions fish > ~/.config/fish/completions/gatecrumb.fish")]
    Completions(completions::Options),
    /// Print a manual page
    #[command(after_help = "Examples:
  gatecrumb man > gatecrumb.1
  gatecrumb man user create > gatecrumb-user-create.1
  gatecrumb man --out target/man")]
    Man(man::Options),
}

/// The table that a command works on, and the output format.
#[derive(Args, Debug)]
#[command(next_help_heading = "Table and output")]
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
#[command(next_help_heading = "Keys and output")]
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

impl Target {
    fn resource(&self) -> Resource<'_> {
        self.table.as_deref().map_or(Resource::Local, Resource::Table)
    }
}

impl KeyTarget {
    fn resource(&self) -> Resource<'_> {
        self.secret.as_deref().map_or(Resource::Local, Resource::Secret)
    }
}

/// Parses this process's arguments and runs the command.
pub async fn run_process() -> ExitCode {
    match Arguments::try_parse() {
        Ok(arguments) => run(arguments).await,
        Err(error) if error.use_stderr() => {
            // Nothing is left to report a failure to.
            let _ = error.print();
            Exit::Usage.into()
        }
        // Help or the version.
        Err(text) => exit(output::printed(text.print())),
    }
}

/// Runs the command. Prints a failure on standard error.
pub async fn run(arguments: Arguments) -> ExitCode {
    exit(match arguments.command {
        Command::Serve(options) => serve::run(options).await,
        Command::Dynamodb(options) => dynamodb::run(options).await,
        Command::User { target, command } => {
            let result = user::run(&target, command).await;
            result.map_err(|failure| failure.explain(&target.resource()))
        }
        Command::Session { target, command } => {
            let result = session::run(&target, command).await;
            result.map_err(|failure| failure.explain(&target.resource()))
        }
        Command::Key { target, command } => {
            let result = key::run(&target, command).await;
            result.map_err(|failure| failure.explain(&target.resource()))
        }
        Command::Doctor(options) => doctor::run(options).await,
        Command::Completions(options) => completions::run(&options),
        Command::Man(options) => man::run(&options),
    })
}

fn exit(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::error(&failure);
            failure.exit().into()
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
