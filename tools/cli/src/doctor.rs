//! `gatecrumb doctor`: a deployment looked at from outside, as a browser and an attacker would.

mod checks;
mod http;
mod report;
mod signed_in;

use clap::Args;

use crate::{Failure, output, password};
use checks::Deployment;
use report::Report;

/// What to look at.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Where pages reach the API; /auth/login and so on follow
    #[arg(long, value_name = "URL")]
    url: String,
    /// An origin that serves pages and must be allowed; may be given several times
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Also signs in as this user, refreshes and signs out; the password is asked for
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username")]
    password_stdin: bool,
    /// Also looks up in this table on AWS which address the functions saw at that sign-in
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
            return Err(Failure::new(format!(
                "no password is sent to {} over plain http, where anybody on the way could read it: give --url with \
                 https, or leave --username out",
                options.url
            )));
        }
        Some(_) => Some(password::read(options.password_stdin)?),
        None => None,
    };
    let mut report = Report::default();
    if deployment.look(&mut report).await
        && let (Some(username), Some(password)) = (&options.username, password)
    {
        signed_in::look(
            &deployment,
            username,
            &password,
            options.table.as_deref(),
            &mut report,
        )
        .await?;
    }
    output::answer(options.json, &report, report.text());
    match report.failures() {
        0 => Ok(()),
        1 => Err(Failure::new("1 check failed")),
        failures => Err(Failure::new(format!("{failures} checks failed"))),
    }
}
