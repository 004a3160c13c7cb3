//! A stand-in for the Lambda Runtime API, and a function's process that talks to it.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    net::TcpListener,
    process::{Child, Command},
    sync::{Mutex, mpsc},
    task::JoinHandle,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// What the function said.
#[derive(Debug)]
pub enum Said {
    /// Its answer to an event.
    Response(Value),
    /// That it failed at an event.
    Error(Value),
    /// That it could not start.
    InitError(Value),
}

struct Api {
    events: Mutex<mpsc::Receiver<String>>,
    said: mpsc::Sender<Said>,
}

/// A function's real binary, running.
pub struct Process {
    child: Child,
    output: [JoinHandle<String>; 2],
    events: mpsc::Sender<String>,
    said: mpsc::Receiver<Said>,
}

impl Process {
    /// Starts the binary at `path` with these variables and those that `sam local` sets, and with no others. With an
    /// empty `AWS_SAM_LOCAL` it is on Lambda.
    pub async fn start(path: &str, variables: &[(String, String)]) -> Self {
        let (events, to_send) = mpsc::channel(1);
        let (say, said) = mpsc::channel(16);
        let address = serve(Api {
            events: Mutex::new(to_send),
            said: say,
        })
        .await;
        let mut child = Command::new(path)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "test")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            // Lambda itself takes no inline keys, which nearly every test has.
            .env("AWS_SAM_LOCAL", "true")
            .envs(variables.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let output = [
            read(child.stdout.take().unwrap()),
            read(child.stderr.take().unwrap()),
        ];
        Self {
            child,
            output,
            events,
            said,
        }
    }

    /// The answer to an event.
    pub async fn invoke(&mut self, event: &Value) -> Value {
        self.events.send(event.to_string()).await.unwrap();
        match self.said().await {
            Some(Said::Response(answer)) => answer,
            other => panic!("the function did not answer: {other:?}"),
        }
    }

    /// What the function says next; `None` when its process has ended.
    pub async fn said(&mut self) -> Option<Said> {
        tokio::select! {
            said = timeout(PATIENCE, self.said.recv()) => said.expect("nothing came"),
            _ = self.child.wait() => self.said.try_recv().ok(),
        }
    }

    /// Waits for the process to end by itself: its status, and everything it wrote.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("it does not end")
            .unwrap();
        (status, self.written().await)
    }

    /// Kills the process: everything it wrote.
    pub async fn killed(mut self) -> String {
        self.child.kill().await.unwrap();
        self.written().await
    }

    async fn written(&mut self) -> String {
        let mut text = String::new();
        for reader in &mut self.output {
            text.push_str(&reader.await.unwrap());
        }
        text
    }
}

/// Reads on while the process runs: one whose pipe is full stands still.
fn read(mut pipe: impl AsyncRead + Send + Unpin + 'static) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut text = String::new();
        pipe.read_to_string(&mut text).await.unwrap();
        text
    })
}

async fn serve(api: Api) -> SocketAddr {
    let app = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(Arc::new(api));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    let Some(event) = api.events.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "00000000-0000-0000-0000-000000000000",
        ),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:local:000000000000:function:test",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-00000000-000000000000000000000000",
        ),
        ("content-type", "application/json"),
    ];
    (headers, event).into_response()
}

async fn say(api: &Api, said: impl FnOnce(Value) -> Said, body: &Bytes) -> StatusCode {
    let value = serde_json::from_slice(body).unwrap_or(Value::Null);
    api.said.send(said(value)).await.unwrap();
    StatusCode::ACCEPTED
}

async fn response(State(api): State<Arc<Api>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    say(&api, Said::Response, &body).await
}

async fn error(State(api): State<Arc<Api>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    say(&api, Said::Error, &body).await
}

async fn init_error(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    say(&api, Said::InitError, &body).await
}
