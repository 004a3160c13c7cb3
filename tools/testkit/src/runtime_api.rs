//! A function's process and a stand-in for the Lambda Runtime API, for tests and the benchmark.

mod server;

use std::{
    io::{self, Write as _},
    net::TcpStream,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
    task::JoinHandle,
    time::timeout,
};

use server::{Call, RuntimeApi};

const PATIENCE: Duration = Duration::from_secs(60);

/// A message from the function.
#[derive(Debug)]
pub enum Said {
    /// Its response to an event.
    Response(Value),
    /// An error while handling an event.
    Error(Value),
    /// An error during init.
    InitError(Value),
}

/// A function's real binary, running.
pub struct Process {
    child: Child,
    /// Readers of its standard output and error, if they are pipes.
    output: Vec<JoinHandle<String>>,
    api: RuntimeApi,
    started: Instant,
    /// The connection on which the function waits for an event, and when it began to wait.
    waiting: Option<(Instant, TcpStream)>,
}

impl Process {
    /// Starts the binary at `path` with only these variables and those that `sam local` sets. With an empty
    /// `AWS_SAM_LOCAL` the environment is Lambda's.
    pub async fn start(path: &str, variables: &[(String, String)]) -> Self {
        let piped = |command: &mut Command| {
            command
                .envs(variables.iter().cloned())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
        };
        Self::spawn(path, piped).await.unwrap()
    }

    /// Starts `program` with only the variables that `sam local` sets, after `configure` has completed the command.
    pub async fn spawn(program: &str, configure: impl FnOnce(&mut Command)) -> io::Result<Self> {
        let api = RuntimeApi::listen().await?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "test")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            // On Lambda the functions refuse inline keys, which nearly every test uses.
            .env("AWS_SAM_LOCAL", "true")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        configure(&mut command);
        let started = Instant::now();
        let mut child = command.spawn()?;
        let mut output = Vec::new();
        output.extend(child.stdout.take().map(read));
        output.extend(child.stderr.take().map(read));
        Ok(Self {
            child,
            output,
            api,
            started,
            waiting: None,
        })
    }

    /// Its process id; `None` when the process has ended.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the function requests an event. Returns the time from the start of the process to that request.
    pub async fn ready(&mut self) -> Result<Duration, String> {
        if self.waiting.is_none() {
            self.waiting = match self.call().await {
                Some((at, Call::Next(stream))) => Some((at, stream)),
                other => return Err(format!("the function does not request an event: {other:?}")),
            };
        }
        let asked_at = self.waiting.as_ref().map_or(self.started, |(at, _)| *at);
        Ok(asked_at - self.started)
    }

    /// Sends an event. Returns the time that the response took, and the response.
    pub async fn time(&mut self, event: &str) -> Result<(Duration, Value), String> {
        match self.send(event).await? {
            (took, Said::Response(answer)) => Ok((took, answer)),
            (_, other) => Err(format!("the function did not answer: {other:?}")),
        }
    }

    /// Sends an event. Returns the time that the function took, and its response or error.
    pub async fn send(&mut self, event: &str) -> Result<(Duration, Said), String> {
        self.ready().await?;
        let (_, mut stream) = self.waiting.take().ok_or("the function does not wait")?;
        let response = server::invocation(event);
        let given = Instant::now();
        stream
            .write_all(&response)
            .map_err(|error| format!("the function takes no event: {error}"))?;
        match self.call().await {
            Some((at, Call::Said(said))) => Ok((at - given, said)),
            other => Err(format!("the function did not answer: {other:?}")),
        }
    }

    /// Sends an event. Returns the response.
    pub async fn invoke(&mut self, event: &Value) -> Value {
        self.time(&event.to_string()).await.unwrap().1
    }

    /// The function's next message; `None` when its process has ended.
    pub async fn said(&mut self) -> Option<Said> {
        loop {
            match self.call().await? {
                (at, Call::Next(stream)) => self.waiting = Some((at, stream)),
                (_, Call::Said(said)) => return Some(said),
            }
        }
    }

    async fn call(&mut self) -> Option<(Instant, Call)> {
        tokio::select! {
            call = timeout(PATIENCE, self.api.calls.recv()) => call.expect("nothing came"),
            _ = self.child.wait() => self.api.calls.try_recv().ok(),
        }
    }

    /// Waits for the process to exit. Returns its status and everything it wrote.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("it does not end")
            .unwrap();
        (status, self.written().await)
    }

    /// Kills the process. Returns everything it wrote.
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

/// Reads while the process runs, because a full pipe would block it.
fn read(mut pipe: impl AsyncRead + Send + Unpin + 'static) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut text = String::new();
        pipe.read_to_string(&mut text).await.unwrap();
        text
    })
}
