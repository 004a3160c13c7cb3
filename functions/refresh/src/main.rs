//! The Lambda function `refresh`.

use std::process::ExitCode;

use gatecrumb_web::lambda;
use refresh::Refresh;

fn main() -> ExitCode {
    lambda::run(Refresh::start)
}
