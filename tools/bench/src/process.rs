//! What the kernel reports about a process.

use std::{fs, time::Duration};

use gatecrumb_testkit::runtime_api::Process;

use crate::Result;

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
