//! The command line `gatecrumb`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    gatecrumb::cli::run_process().await
}
