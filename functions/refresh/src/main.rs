//! The Lambda function `refresh`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatecrumb_runtime::run(refresh::start)
}
