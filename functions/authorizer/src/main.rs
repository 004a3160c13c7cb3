//! The Lambda function `authorizer`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatecrumb_runtime::run(authorizer::start)
}
