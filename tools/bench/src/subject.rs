//! What is measured: a command that speaks the Runtime API, and what the kernel says of its process.

use std::{fs, process::Stdio, time::Duration};

use gatecrumb_testkit::runtime_api::Process;
use serde_json::Value;

use crate::Result;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// One of our binaries.
    Binary,
    /// One of our binaries, which fetches its keys from Secrets Manager while it starts.
    KeysFromSecrets,
    /// The command of `--vs`.
    Peer,
}

#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// Its line in the tables.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) command: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
    /// As JSON.
    pub(crate) event: String,
}

impl Subject {
    /// Starts it as Lambda would and waits until it asks for an event: its process and how long that took. Its log
    /// goes to `log`.
    pub(crate) async fn start(&self, log: Stdio) -> Result<(Process, Duration)> {
        let (program, arguments) = self.command.split_first().ok_or("an empty command")?;
        let mut process = Process::spawn(program, |command| {
            command
                .args(arguments)
                .envs(self.variables.iter().cloned())
                .stdout(log);
        })
        .await
        .map_err(|error| format!("{program}: {error}"))?;
        let init = process.ready().await;
        let init = init.map_err(|error| format!("{}: {error}", self.name))?;
        Ok((process, init))
    }

    /// Invokes the process and waits until it asks for the next event: the response, and the time until it came.
    pub(crate) async fn invoke(&self, process: &mut Process) -> Result<(Duration, Value)> {
        let timed = process.time(&self.event).await;
        let timed = timed.map_err(|error| format!("{}: {error}", self.name))?;
        process.ready().await?;
        Ok(timed)
    }
}

/// Peak resident memory in MiB (`VmHWM`).
pub(crate) fn peak_rss(process: &Process) -> Result<f64> {
    let status = read(process, "status")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|line| line.trim().strip_suffix(" kB"))
        .ok_or("no VmHWM")?;
    Ok(kib.trim().parse::<f64>()? / 1024.0)
}

/// Processor time so far, of all threads.
pub(crate) fn processor_time(process: &Process) -> Result<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir(path(process, "task")?)? {
        // A thread may have ended.
        let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        let first = text.split(' ').next().unwrap_or_default();
        nanoseconds += first.parse::<u64>().unwrap_or_default();
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Page faults so far that needed no disk: memory touched for the first time.
pub(crate) fn minor_faults(process: &Process) -> Result<u64> {
    let stat = read(process, "stat")?;
    // The second field, the name in parentheses, may have spaces.
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let faults = fields.split(' ').nth(7).ok_or("no minflt")?;
    Ok(faults.parse()?)
}

fn read(process: &Process, file: &str) -> Result<String> {
    Ok(fs::read_to_string(path(process, file)?)?)
}

fn path(process: &Process, file: &str) -> Result<String> {
    let id = process.id().ok_or("the process has ended")?;
    Ok(format!("/proc/{id}/{file}"))
}
