//! The Lambda function `login`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatecrumb_runtime::run(login::start)
}
