//! The Lambda function `authorizer-strict`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatecrumb_runtime::run(authorizer::strict::start)
}
