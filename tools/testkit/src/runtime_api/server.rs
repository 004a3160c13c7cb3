//! The Runtime API of one process: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>. The benchmark
//! measures with it, so it adds little: blocking sockets, one write for each event, and times taken where a call is
//! read.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::Instant,
};

use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};

use super::Said;

/// A call of the function's runtime.
#[derive(Debug)]
pub(super) enum Call {
    /// It waits for an event on this connection.
    Next(TcpStream),
    Said(Said),
}

type Calls = mpsc::UnboundedSender<(Instant, Call)>;

pub(super) struct RuntimeApi {
    pub(super) address: SocketAddr,
    /// Each with the time at which it was read.
    pub(super) calls: mpsc::UnboundedReceiver<(Instant, Call)>,
    accepting: JoinHandle<io::Result<()>>,
}

impl RuntimeApi {
    pub(super) async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (sender, calls) = mpsc::unbounded_channel();
        let accepting = tokio::spawn(accept(listener, sender));
        Ok(Self {
            address,
            calls,
            accepting,
        })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, calls: Calls) -> io::Result<()> {
    loop {
        let stream = listener.accept().await?.0.into_std()?;
        stream.set_nonblocking(false)?;
        // A delayed segment would be measured as the function's time.
        stream.set_nodelay(true)?;
        let calls = calls.clone();
        // The thread ends with its connection.
        thread::spawn(move || read_calls(&stream, &calls));
    }
}

fn read_calls(mut stream: &TcpStream, calls: &Calls) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some((path, body)) = read_request(&mut reader)? {
        let at = Instant::now();
        if path.ends_with("/invocation/next") {
            let waiting = Call::Next(stream.try_clone()?);
            // The test may have ended.
            let _ = calls.send((at, waiting));
            continue;
        }
        let value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let said = match path {
            path if path.ends_with("/init/error") => Said::InitError(value),
            path if path.ends_with("/response") => Said::Response(value),
            path if path.ends_with("/error") => Said::Error(value),
            path => panic!("{path} is no path of the Runtime API"),
        };
        // Before the response, after which the process may exit.
        let _ = calls.send((at, Call::Said(said)));
        stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")?;
    }
    Ok(())
}

/// The path and body of one HTTP/1.1 request; `None` when the connection has ended.
fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap().to_owned();
    let mut body = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        assert!(
            !header.starts_with("transfer-encoding"),
            "no function sends a chunked body"
        );
        if let Some(length) = header.strip_prefix("content-length:") {
            body.resize(length.trim().parse().unwrap(), 0);
        }
    }
    reader.read_exact(&mut body)?;
    Ok(Some((path, body)))
}

/// The response that gives an event to the function.
pub(super) fn invocation(event: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         lambda-runtime-aws-request-id: 00000000-0000-0000-0000-000000000000\r\n\
         lambda-runtime-deadline-ms: 4102444800000\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:local:000000000000:function:test\r\n\
         lambda-runtime-trace-id: Root=1-00000000-000000000000000000000000\r\n\r\n{event}",
        event.len()
    )
    .into_bytes()
}
