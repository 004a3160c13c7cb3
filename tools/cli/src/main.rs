//! The command line `gatecrumb`.

use std::process::ExitCode;

use clap::Parser as _;
use gatecrumb::cli::{Arguments, run};

#[tokio::main]
async fn main() -> ExitCode {
    run(Arguments::parse()).await
}
