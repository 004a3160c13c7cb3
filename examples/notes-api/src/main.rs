//! The Lambda function of the notes API.

use std::{convert::Infallible, io, sync::Arc};

use aws_config::BehaviorVersion;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use gatecrumb_tokens::guard::{Guard, SystemClock};
use lambda_http::{Error, service_fn};
use notes_api::{Api, Table};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // CloudWatch adds the time.
    tracing_subscriber::fmt()
        .without_time()
        .with_ansi(false)
        .with_writer(io::stdout)
        .init();
    let api = start()
        .await
        .inspect_err(|error| tracing::error!(event = "start_failed", %error))?;
    let api = &api;
    lambda_http::run(service_fn(move |request| async move {
        Ok::<_, Infallible>(api.respond(request).await)
    }))
    .await
}

/// A missing or invalid variable stops the start.
async fn start() -> Result<Api, Error> {
    let guard = Guard::from_env(variable)?;
    let table =
        variable("NOTES_TABLE").ok_or("NOTES_TABLE is not set: set it to the name of the notes' table")?;
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .load()
        .await;
    Ok(Api::new(guard, Table::new(&config, table), Arc::new(SystemClock)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the only code that reads the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
