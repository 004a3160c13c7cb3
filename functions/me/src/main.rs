//! The Lambda function `me`.

use std::process::ExitCode;

use gatecrumb_web::lambda;
use me::Me;

fn main() -> ExitCode {
    lambda::run(Me::start)
}
