//! `gatecrumb man`: the manual pages.

use std::{fs, path::PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;

use crate::{Failure, cli::Arguments, output};

/// The arguments of `man`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The command whose page to print, such as `user create`; default: gatecrumb itself
    command: Vec<String>,
    /// Write all pages to this directory instead, for packages
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut root = Arguments::command();
    root.build();
    if let Some(out) = &options.out {
        let written = fs::create_dir_all(out).and_then(|()| clap_mangen::generate_to(root, out));
        return written.map_err(|error| Failure::new(format!("cannot write to {}: {error}", out.display())));
    }
    let mut command = &root;
    for name in &options.command {
        command = command
            .find_subcommand(name)
            .ok_or_else(|| no_such_command(command, name))?;
    }
    let mut page = Vec::new();
    Man::new(command.clone())
        .render(&mut page)
        .map_err(|error| Failure::new(format!("cannot write the page: {error}")))?;
    output::print(String::from_utf8_lossy(&page).trim_end())
}

fn no_such_command(parent: &Command, name: &str) -> Failure {
    let parent = parent.get_bin_name().unwrap_or("gatecrumb");
    Failure::usage(format!(
        "{parent} has no command {name}: `{parent} --help` lists them"
    ))
}
