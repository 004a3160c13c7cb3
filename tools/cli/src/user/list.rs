//! `gatecrumb user list`.

use clap::Args;
use gatecrumb_admin::Admin as _;
use gatecrumb_domain::{UserId, Username};
use serde::Serialize;

use super::display::{self, UserOutput};
use crate::{
    Failure,
    cli::Target,
    output,
    table::{Access, Table},
};

/// Which users to list.
#[derive(Args, Debug)]
pub(crate) struct ListOptions {
    /// Only usernames that begin with this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// The most users of one page
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    /// Continue after the page that ended with this id (`next` in its JSON)
    #[arg(long, value_name = "ID")]
    after: Option<String>,
}

#[derive(Serialize)]
struct PageOutput<'a> {
    users: Vec<UserOutput<'a>>,
    /// For `--after`; null on the last page.
    next: Option<&'a str>,
}

pub(super) async fn run(target: &Target, options: &ListOptions) -> Result<(), Failure> {
    let prefix = options.prefix.as_deref().map(Username::parse).transpose()?;
    let after: Option<UserId> = options.after.as_deref().map(str::parse).transpose()?;
    let table = Table::open(target, Access::Existing).await?;
    let page = table
        .store
        .users(prefix.as_ref(), after.as_ref(), options.limit.into())
        .await?;
    let next = page.next.as_ref().map(UserId::as_str);
    let text = if page.users.is_empty() {
        "no users".to_owned()
    } else {
        page.users.iter().map(display::row).collect::<Vec<_>>().join("\n")
    };
    let value = PageOutput {
        users: page.users.iter().map(UserOutput::from).collect(),
        next,
    };
    output::result(target.json, &value, text)?;
    if let (Some(next), false) = (next, target.json) {
        output::note(format_args!("there are more: continue with --after {next}"));
    }
    Ok(())
}
