//! `cargo run -p notes-local`: the example `notes-api` beside `gatecrumb serve`.

use std::{io, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use clap::Parser;
use gatecrumb_runtime::{SystemClock, log};
use notes_local::{PublicKeys, Settings, node, router};
use tokio::net::TcpListener;

/// Runs the example notes-api beside `gatecrumb serve`.
#[derive(Parser)]
struct Options {
    /// Port of the API, on localhost
    #[arg(long, default_value_t = 3002)]
    port: u16,
    /// The DynamoDB of `serve`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8000")]
    dynamodb: String,
    /// The directory of the table and the keys of `serve`; default: the nearest .gatecrumb/
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Origins of the pages that use the API, separated by commas
    #[arg(
        long,
        value_name = "ORIGINS",
        default_value = "http://localhost:3000,http://localhost:3001"
    )]
    allowed_origins: String,
    /// Use the authorizer that reads session and user: a revoked session is refused at once
    #[arg(long)]
    strict: bool,
    /// The program gatecrumb; default: `cargo run`
    #[arg(long, value_name = "PROGRAM", env = "GATECRUMB_BIN")]
    gatecrumb: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    log::init_readable(io::stderr);
    log::redact_panics();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("notes-local: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    // Before anything is written.
    let in_use = |error| {
        format!(
            "cannot listen on port {} ({error}): choose another one with --port",
            options.port
        )
    };
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .map_err(in_use)?;
    let port = listener.local_addr()?.port();
    let settings = Settings {
        keys: PublicKeys::of_serve(options.gatecrumb.as_deref(), options.state.as_deref()).await?,
        dynamodb: options.dynamodb,
        allowed_origins: options.allowed_origins,
        strict: options.strict,
        clock: Arc::new(SystemClock),
    };
    let session = node::start().unwrap_or_else(|error| {
        say(format_args!(
            "notes-local: cannot start node ({error}): GET /notes/session will fail; install Node.js 20.9 or newer"
        ));
        node::missing()
    });
    let app = router(&settings, session).await?;
    // Programs resolve `localhost` to either address. A machine without IPv6 has only the first.
    let second = TcpListener::bind(("::1", port)).await.ok();
    say(format_args!(
        "notes-api is running on http://localhost:{port}/notes\n\nCtrl-C stops it."
    ));
    let served = [Some(listener), second].into_iter().flatten().map(|listener| {
        let app = app.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await })
    });
    for server in served.collect::<Vec<_>>() {
        server.await??;
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a program for the terminal")]
fn say(message: std::fmt::Arguments<'_>) {
    eprintln!("{message}");
}
