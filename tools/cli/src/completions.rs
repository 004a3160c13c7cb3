//! `gatecrumb completions`: what a shell completes.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{Failure, cli::Arguments, output};

/// The arguments of `completions`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "gatecrumb", &mut script);
    output::print(String::from_utf8_lossy(&script).trim_end())
}
