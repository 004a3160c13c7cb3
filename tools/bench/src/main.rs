//! The benchmark of gatecrumb: release binaries over the Lambda Runtime API and an embedded DynamoDB over HTTP,
//! alternating with the floors in one run.
#![expect(clippy::print_stdout, reason = "its tables go to the terminal")]

mod binaries;
mod calls;
mod floors;
mod functions;
mod instructions;
mod process;
mod report;
mod services;
mod stats;
mod subject;
mod targets;
mod tls;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

/// Anything that stops a measurement.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Measures gatecrumb and the floors under it", version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Each function: start, first response, warm requests, memory, size, calls to DynamoDB
    Functions(functions::Options),
    /// Instruction counts under callgrind, compared with the committed ones
    Instructions(instructions::Options),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Functions(options) => functions::run(&options).await,
        What::Instructions(options) => instructions::run(&options).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
