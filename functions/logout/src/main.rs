//! The Lambda function `logout`.

use std::process::ExitCode;

use gatecrumb_web::lambda;
use logout::Logout;

fn main() -> ExitCode {
    lambda::run(Logout::start)
}
