//! Runs a function's process on Lambda.

use std::{
    fmt::{Debug, Display},
    io,
    process::ExitCode,
};

use lambda_runtime::{Diagnostic, LambdaEvent, Service};
use lambda_runtime_api_client::{BoxError, PooledClient, body::Body, build_request};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Environment, Host, log};

/// Variables that Lambda sets for every function. `lambda_runtime` panics without them.
const REQUIRED: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Starts once with `start`, then handles events until Lambda sends no more. An error of the service fails the invocation. A failed startup is logged in one line and
/// reported to the Runtime API, so that it also appears in the error that AWS shows.
pub fn run<E, S, F, X>(start: impl FnOnce(Environment, Host) -> F) -> ExitCode
where
    E: DeserializeOwned,
    S: Service<LambdaEvent<E>, Response: Serialize, Error: Into<Diagnostic> + Debug, Future: Send>
        + Clone
        + Send
        + 'static,
    F: Future<Output = Result<S, X>>,
    X: Display,
{
    let env = Environment::of_process();
    log::init_json(io::stdout, env.text("AWS_LAMBDA_FUNCTION_NAME"));
    log::redact_panics();
    if let Some(missing) = REQUIRED.into_iter().find(|name| env.text(name).is_none()) {
        tracing::error!(
            event = "start_failed",
            "{missing} is not set: this program is a Lambda function; run it with sam local or cargo lambda, or \
             run `gatecrumb serve`"
        );
        return ExitCode::FAILURE;
    }
    // One request at a time needs only one thread, and starting more would take time.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(event = "start_failed", %error);
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        match start(env, Host::lambda()).await {
            Ok(service) => serve(service).await,
            Err(error) => {
                let message = error.to_string();
                tracing::error!(event = "start_failed", "{message}");
                if let Err(error) = report_init_error(&message).await {
                    tracing::error!(event = "init_error_not_reported", %error);
                }
                ExitCode::FAILURE
            }
        }
    })
}

async fn serve<E, S>(service: S) -> ExitCode
where
    E: DeserializeOwned,
    S: Service<LambdaEvent<E>, Response: Serialize, Error: Into<Diagnostic> + Debug, Future: Send>
        + Clone
        + Send
        + 'static,
{
    match lambda_runtime::Runtime::new(service).run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // For example, an emulator was stopped. On Lambda the process is killed before it gets here.
            tracing::warn!(event = "runtime_gone", %error);
            ExitCode::FAILURE
        }
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror>
async fn report_init_error(message: &str) -> Result<(), BoxError> {
    const TYPE: &str = "Gatecrumb.Configuration";
    let body = serde_json::json!({ "errorType": TYPE, "errorMessage": message, "stackTrace": [] });
    let request = build_request()
        .method(http::Method::POST)
        .uri("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", TYPE)
        .body(Body::from(serde_json::to_vec(&body)?))?;
    PooledClient::builder().build().call(request).await?;
    Ok(())
}
