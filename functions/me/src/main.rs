//! The Lambda function `me`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatecrumb_runtime::run(me::start)
}
