//! `gatecrumb serve` in a process of its own.

use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use crate::Result;

/// As low as the configuration allows, so that the benchmark need not wait for long.
pub(super) const REFRESH_MIN_AGE_SECONDS: u64 = 15;

pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts it on free ports with what is kept in `state`, and returns once it answers.
    pub(super) fn start(binary: &Path, state: &Path) -> Result<Self> {
        let mut child = Command::new(binary)
            .args(["serve", "--port", "0", "--dynamodb-port", "0", "--state"])
            .arg(state)
            .env("REFRESH_MIN_AGE_SECONDS", REFRESH_MIN_AGE_SECONDS.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let mut line = String::new();
        while stdout.read_line(&mut line)? > 0 {
            if let Some((_, rest)) = line.split_once("endpoints   http://localhost:") {
                let port = rest.split('/').next().unwrap_or_default().parse()?;
                // Read on, or a full pipe would stop the server.
                thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
                return Ok(Self {
                    child,
                    address: (Ipv4Addr::LOCALHOST, port).into(),
                });
            }
            line.clear();
        }
        let _ = child.wait();
        Err("gatecrumb serve did not start".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
