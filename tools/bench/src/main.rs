//! The benchmark of gatecrumb: release binaries over the Lambda Runtime API, an embedded DynamoDB over HTTP in a
//! process of its own, and beside them the floors, all of them interleaved in one run.
#![expect(clippy::print_stdout, reason = "its tables go to the terminal")]

mod binaries;
mod calls;
mod cost;
mod dynamodb;
mod floors;
mod functions;
mod gateway;
mod instructions;
mod process;
mod report;
mod runtime_api;
mod soak;
mod stats;
mod targets;
mod tls;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

/// Anything that stops a measurement.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Measures gatecrumb beside the floors under it", version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Each function: start, first answer, warm requests, memory, size, calls to DynamoDB
    Functions(functions::Options),
    /// The local gateway under load
    Gateway(gateway::Options),
    /// Minutes of mixed traffic, with a restart and a hang in the middle: no session may be lost
    Soak(soak::Options),
    /// What requests cost on AWS and how many fit, computed from the figures of `functions --json`
    Cost(cost::Options),
    /// Instruction counts under callgrind, compared with the committed ones
    Instructions(instructions::Options),
    /// The embedded DynamoDB with the rows of events/, for the other commands
    #[command(hide = true)]
    Dynamodb(dynamodb::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Functions(options) => functions::run(&options),
        What::Gateway(options) => gateway::run(&options),
        What::Soak(options) => soak::run(&options),
        What::Cost(options) => cost::run(&options).map(|()| true),
        What::Instructions(options) => instructions::run(&options),
        What::Dynamodb(options) => dynamodb::serve(&options).map(|()| true),
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
