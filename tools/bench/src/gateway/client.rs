//! HTTP/1.1 with as little work as can be: the clients share the cores with the server.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Result;

/// A connection that is kept.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends a whole request and waits for nothing.
    pub(crate) async fn write(&mut self, request: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(request).await?)
    }

    /// Sends a whole request; the answer's head.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<String> {
        self.write(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server hung up".into());
            }
            let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
            let mut rest = length(&head)?.saturating_sub(self.buffer.len() - end - 4);
            while rest > 0 {
                self.buffer.clear();
                let read = self.stream.read_buf(&mut self.buffer).await?;
                if read == 0 {
                    return Err("the server hung up".into());
                }
                rest = rest.saturating_sub(read);
            }
            return Ok(head);
        }
    }
}

fn length(head: &str) -> Result<usize> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(length.map_or(Ok(0), |(_, value)| value.trim().parse())?)
}

/// Whether the answer is 200; another one stops the benchmark.
pub(super) fn expect_200(head: &str) -> Result<()> {
    let status = head.lines().next().unwrap_or_default();
    if status.contains(" 200 ") {
        return Ok(());
    }
    Err(format!("the gateway answered {status}").into())
}
