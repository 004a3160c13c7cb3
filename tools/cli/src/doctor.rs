//! `gatecrumb doctor`: checks a deployment from outside, as a browser and as an attacker.

mod arguments;
mod checks;
mod fault;
mod http;
mod report;
mod signed_in;

use clap::Args;

use crate::{Failure, output, password};
use checks::Deployment;
use report::Report;

/// The arguments of `doctor`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// URL of the API; doctor appends /auth/login and so on
    #[arg(long, value_name = "URL")]
    url: String,
    /// An origin whose pages must be able to call the API; can be repeated
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Also sign in as this user, refresh and sign out; prompts for the password
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username")]
    password_stdin: bool,
    /// Also read from this table on AWS the client address that the functions saw at that sign-in
    #[arg(long, value_name = "NAME", requires = "username")]
    table: Option<String>,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let deployment = Deployment::at(&options.url, &options.origins)?;
    let password = match &options.username {
        Some(_) if !deployment.takes_passwords() => {
            return Err(Failure::usage(format!(
                "no password is sent to {} over plain http, where others could read it: use https in --url, or leave \
                 out --username",
                options.url
            )));
        }
        Some(_) => Some(password::read(options.password_stdin)?),
        None => None,
    };
    let mut report = Report::default();
    if deployment.check(&mut report).await
        && let (Some(username), Some(password)) = (&options.username, password)
    {
        signed_in::check(
            &deployment,
            username,
            &password,
            options.table.as_deref(),
            &mut report,
        )
        .await;
    }
    output::result(options.json, &report, report.text())?;
    match report.failures() {
        0 => Ok(()),
        1 => Err(Failure::new("1 check failed")),
        failures => Err(Failure::new(format!("{failures} checks failed"))),
    }
}
