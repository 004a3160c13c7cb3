//! A Lambda Runtime API that adds as little as it can to what it measures: blocking sockets, one write an answer.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use crate::Result;

const PATIENCE: Duration = Duration::from_secs(120);

/// A request of the function's runtime.
pub(crate) struct Call {
    /// When it had been read.
    pub(crate) at: Instant,
    path: String,
    body: Vec<u8>,
    stream: TcpStream,
}

/// The Runtime API of one function's process.
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    calls: Receiver<Call>,
}

impl RuntimeApi {
    pub(crate) fn listen() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (sender, calls) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                // It ends with its connection.
                thread::spawn(move || read_calls(&stream, &sender));
            }
        });
        Ok(Self { address, calls })
    }

    /// Waits until the function asks for an event.
    pub(crate) fn next(&self) -> Result<Call> {
        let call = self.calls.recv_timeout(PATIENCE)?;
        if call.path.ends_with("/invocation/next") {
            return Ok(call);
        }
        let said = String::from_utf8_lossy(&call.body).into_owned();
        Err(format!("the function did not ask for an event: {} {said}", call.path).into())
    }

    /// Gives the event to a function that waits for one: when it was given, when the answer had come, the answer.
    pub(crate) fn invoke(&self, mut waiting: Call, event: &[u8]) -> Result<(Duration, Vec<u8>)> {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             lambda-runtime-aws-request-id: 00000000-0000-0000-0000-000000000000\r\n\
             lambda-runtime-deadline-ms: 4102444800000\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:local:000000000000:function:bench\r\n\
             lambda-runtime-trace-id: Root=1-00000000-000000000000000000000000\r\n\r\n",
            event.len()
        );
        let mut answer = head.into_bytes();
        answer.extend_from_slice(event);
        let given = Instant::now();
        waiting.stream.write_all(&answer)?;
        let mut call = self.calls.recv_timeout(PATIENCE)?;
        let took = call.at - given;
        call.stream.write_all(
            b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n",
        )?;
        if call.path.ends_with("/response") {
            return Ok((took, call.body));
        }
        let said = String::from_utf8_lossy(&call.body).into_owned();
        Err(format!("the function failed: {} {said}", call.path).into())
    }
}

fn read_calls(stream: &TcpStream, sender: &Sender<Call>) {
    // A delayed segment would be measured as the function's time.
    let _ = stream.set_nodelay(true);
    let Ok(reading) = stream.try_clone() else { return };
    let mut reader = BufReader::new(reading);
    while let Ok(Some((path, body))) = read_call(&mut reader) {
        let at = Instant::now();
        let Ok(stream) = stream.try_clone() else { return };
        let call = Call {
            at,
            path,
            body,
            stream,
        };
        if sender.send(call).is_err() {
            return;
        }
    }
}

/// One HTTP/1.1 request: its path and body. `None` when the connection has ended.
fn read_call(reader: &mut BufReader<TcpStream>) -> Result<Option<(String, Vec<u8>)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).ok_or("no request line")?.to_owned();
    let (mut length, mut chunked) = (0, false);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        chunked |= header == "transfer-encoding: chunked";
    }
    let mut body = Vec::new();
    if !chunked {
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
        return Ok(Some((path, body)));
    }
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16)?;
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..])?;
        line.clear();
        reader.read_line(&mut line)?;
        if size == 0 {
            return Ok(Some((path, body)));
        }
    }
}
