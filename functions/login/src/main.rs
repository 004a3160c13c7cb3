//! The Lambda function `login`.

use std::process::ExitCode;

use gatecrumb_web::lambda;
use login::Login;

fn main() -> ExitCode {
    lambda::run(Login::start)
}
