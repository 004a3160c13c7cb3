//! The function in Node, in a process of its own: one event and one response per line.

use std::{io, process::Stdio, sync::Arc};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
};

use crate::Function;

const RUNTIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/node.mjs");
const HANDLER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../notes-api/session/index.mjs");

struct Process {
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    // Ended when dropped.
    _child: Child,
}

/// Starts it. It ends when the function is dropped, and with this process.
pub fn start() -> io::Result<Function> {
    let mut child = Command::new("node")
        .args([RUNTIME, HANDLER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let missing = || io::Error::other("no pipe");
    let process = Process {
        stdin: child.stdin.take().ok_or_else(missing)?,
        stdout: BufReader::new(child.stdout.take().ok_or_else(missing)?).lines(),
        _child: child,
    };
    // One event at a time, like an instance of a function.
    let process = Arc::new(Mutex::new(process));
    Ok(Arc::new(move |event| {
        let process = Arc::clone(&process);
        Box::pin(async move { process.lock().await.invoke(&event).await.ok().flatten() })
    }))
}

/// A function that always fails, where there is no Node.
#[must_use]
pub fn missing() -> Function {
    Arc::new(|_| Box::pin(async { None }))
}

impl Process {
    async fn invoke(&mut self, event: &Value) -> io::Result<Option<Value>> {
        self.stdin.write_all(format!("{event}\n").as_bytes()).await?;
        let line = self.stdout.next_line().await?.unwrap_or_default();
        Ok(serde_json::from_str(&line)
            .ok()
            .filter(|response: &Value| !response.is_null()))
    }
}
