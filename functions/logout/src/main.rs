//! The Lambda function `logout`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatecrumb_runtime::run(logout::start)
}
