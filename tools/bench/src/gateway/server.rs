//! `gatecrumb serve` in a process of its own.

use std::{
    fs::OpenOptions,
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use crate::Result;

/// As low as the configuration allows, so that the benchmark need not wait for long.
pub(super) const REFRESH_MIN_AGE_SECONDS: u64 = 15;

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it on free ports with what is kept in `state`, and returns once it answers.
    /// What it says on standard error is added to `log`.
    pub(crate) fn start(binary: &Path, state: &Path, log: Option<&Path>) -> Result<Self> {
        let stderr = match log {
            Some(log) => OpenOptions::new().create(true).append(true).open(log)?.into(),
            None => Stdio::inherit(),
        };
        let mut child = Command::new(binary)
            .stderr(stderr)
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

impl Server {
    /// Stops it as Ctrl-C does, and starts another one on what is kept.
    pub(crate) fn restart(mut self, binary: &Path, state: &Path, log: Option<&Path>) -> Result<Self> {
        self.signal("INT")?;
        self.child.wait()?;
        Self::start(binary, state, log)
    }

    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status()?;
        if sent.success() {
            Ok(())
        } else {
            Err("no signal was sent".into())
        }
    }

    /// The memory that it has now (`VmRSS`).
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("no VmRSS")?;
        Ok(number.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
