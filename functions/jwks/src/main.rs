//! The Lambda function `jwks`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatecrumb_runtime::run(jwks::start)
}
