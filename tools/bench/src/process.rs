//! A function's process under measurement.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Result,
    runtime_api::{Call, RuntimeApi},
};

/// What is run, and by which name the tables show it.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) command: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
    /// What it is given, as JSON.
    pub(crate) event: String,
}

/// A process that waits for an event.
pub(crate) struct Process {
    child: Child,
    api: RuntimeApi,
    waiting: Option<Call>,
    /// From the process's start to its first `/next`.
    pub(crate) init: Duration,
}

impl Process {
    /// Starts it as Lambda would, with Lambda's variables and no others of this process's.
    pub(crate) fn start(subject: &Subject) -> Result<Self> {
        Self::start_with_log(subject, Stdio::null())
    }

    /// The same; what it logs goes to `log`.
    pub(crate) fn start_with_log(subject: &Subject, log: Stdio) -> Result<Self> {
        let api = RuntimeApi::listen()?;
        let (program, arguments) = subject.command.split_first().ok_or("an empty command")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            // Lambda itself takes no inline keys.
            .env("AWS_SAM_LOCAL", "true")
            .envs(subject.variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log);
        let started = Instant::now();
        let child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
        let mut process = Self {
            child,
            api,
            waiting: None,
            init: Duration::ZERO,
        };
        let waiting = process
            .api
            .next()
            .map_err(|error| format!("{}: {error}", subject.name))?;
        process.init = waiting.at - started;
        process.waiting = Some(waiting);
        Ok(process)
    }

    /// The time to an answer, and the answer's status.
    pub(crate) fn invoke(&mut self, event: &str) -> Result<(Duration, u64)> {
        let waiting = self.waiting.take().ok_or("the function is gone")?;
        let (took, answer) = self.api.invoke(waiting, event.as_bytes())?;
        self.waiting = Some(self.api.next()?);
        let answer: Value = serde_json::from_slice(&answer)?;
        Ok((took, answer["statusCode"].as_u64().unwrap_or_default()))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }

    /// The most memory it has had, in MiB (`VmHWM`).
    pub(crate) fn peak_rss(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|line| line.trim().strip_suffix(" kB"))
            .ok_or("no VmHWM")?;
        Ok(kib.trim().parse::<f64>()? / 1024.0)
    }

    /// Processor time so far, of all its threads.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let mut nanoseconds = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end meanwhile.
            let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            let first = text.split(' ').next().unwrap_or_default();
            nanoseconds += first.parse::<u64>().unwrap_or_default();
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Page faults so far that needed no disk: memory touched for the first time.
    pub(crate) fn minor_faults(&self) -> Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field, the name in parentheses, may have spaces.
        let fields = stat.rsplit(") ").next().unwrap_or_default();
        let faults = fields.split(' ').nth(7).ok_or("no minflt")?;
        Ok(faults.parse()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
