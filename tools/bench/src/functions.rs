//! `functions`: each function's binary from start to warm requests, alternating with the floors.

use std::{fs, path::PathBuf, process::Stdio, time::Duration};

use clap::Args;
use gatecrumb_testkit::runtime_api::Process;
use gatecrumb_web::routes;

use crate::{
    Result, binaries, calls,
    floors::{Get, Hash},
    process,
    report::{Report, Row},
    services::Services,
    subject::{self, AUTHORIZER, Kind, Subject},
    targets,
};

/// The package of the floors that are functions.
const FLOOR: &str = "gatecrumb-floor";

/// Requests to one subject before the next one's turn.
const BATCH_SIZE: u32 = 10;

#[derive(Args)]
pub(crate) struct Options {
    /// Measure the binaries in this directory instead of building them
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// Serve DynamoDB over TLS, with a local authority that the functions trust by `AWS_CA_BUNDLE`
    #[arg(long)]
    tls: bool,
    /// Starts of each
    #[arg(long, default_value_t = 30)]
    starts: usize,
    /// Warm requests to each
    #[arg(long, default_value_t = 400)]
    requests: u32,
    /// A peer: a command that speaks the Runtime API, run for each function with the function's name in `_HANDLER`;
    /// `NAME=COMMAND` runs it for one
    #[arg(long, value_name = "COMMAND")]
    vs: Vec<String>,
    /// Also write everything here
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Fail when a target is missed
    #[arg(long)]
    strict: bool,
}

/// Returns true if no target was missed, or if targets were not checked.
pub(crate) async fn run(options: &Options) -> Result<bool> {
    let directory = match &options.binaries {
        Some(directory) => directory.clone(),
        None => binaries::build(routes::functions().chain([AUTHORIZER, FLOOR]))?,
    };
    let services = Services::start(options.tls)?;
    let subjects = subject::all(&directory, &services, &options.vs)?;
    let mut report = Report {
        tls: options.tls,
        ..Report::default()
    };
    for subject in &subjects {
        let mut row = Row {
            name: subject.name.clone(),
            ..Row::default()
        };
        if subject.kind != Kind::Peer {
            (row.binary_bytes, row.zip_bytes) = binaries::sizes(subject.command[0].as_ref())?;
        }
        report.rows.push(row);
    }
    let mut measured: Vec<_> = subjects.iter().zip(&mut report.rows).collect();
    measure_starts(options.starts, &mut measured).await?;
    let floors = (Get::new(&services.connection()?), Hash::new()?);
    for [get, hash] in measure_warm(options.requests, &mut measured, floors).await? {
        report.bare_get_item.push(get);
        report.bare_argon2id.push(hash);
    }
    let plain = Services::start(false)?;
    for (subject, row) in subjects.iter().zip(&mut report.rows) {
        if subject.kind != Kind::KeysFromSecrets {
            (row.calls, row.log_bytes) = calls::count(subject, plain.address).await?;
        }
    }
    println!("{}", report.table());
    let targets = targets::check(&report);
    println!("{}", targets::table(&targets));
    if let Some(file) = &options.json {
        let mut json = serde_json::to_value(&report)?;
        json["targets"] = serde_json::to_value(&targets)?;
        fs::write(file, format!("{json:#}\n"))?;
    }
    Ok(!options.strict || targets.iter().all(|target| target.met))
}

/// Starts each subject `starts` times, for one request each.
async fn measure_starts(starts: usize, measured: &mut [(&Subject, &mut Row)]) -> Result<()> {
    // The first round is a warm-up and is not counted.
    for round in 0..=starts {
        for (subject, row) in &mut *measured {
            let (mut process, init) = subject.start(Stdio::null()).await?;
            let faults = process::minor_faults(&process)?;
            let (first, response) = subject.invoke(&mut process).await?;
            row.status = response["statusCode"].as_u64().unwrap_or_default();
            if round > 0 {
                let processor = process::processor_time(&process)?;
                row.processor_of_start_and_first.push(processor);
                row.init.push(init);
                row.first.push(first);
                row.init_and_first.push(init + first);
                row.first_minor_faults = process::minor_faults(&process)? - faults;
            }
            process.killed().await;
        }
    }
    Ok(())
}

/// Sends warm requests to each subject. Returns the times of the bare calls and hashes between them.
async fn measure_warm(
    requests: u32,
    measured: &mut [(&Subject, &mut Row)],
    (get, mut hash): (Get, Hash),
) -> Result<Vec<[Duration; 2]>> {
    let mut processes: Vec<Process> = Vec::new();
    for (subject, _) in &*measured {
        let (mut process, _) = subject.start(Stdio::null()).await?;
        subject.invoke(&mut process).await?;
        processes.push(process);
    }
    let mut floors = Vec::new();
    // The first round is not counted.
    for round in 0..=requests.div_ceil(BATCH_SIZE) {
        for ((subject, row), process) in measured.iter_mut().zip(&mut processes) {
            let before = process::processor_time(process)?;
            for _ in 0..BATCH_SIZE {
                let (took, _) = subject.invoke(process).await?;
                if round > 0 {
                    row.warm.push(took);
                }
            }
            if round > 0 {
                let took = process::processor_time(process)?.saturating_sub(before);
                row.processor_of_warm.push(took / BATCH_SIZE);
            }
        }
        for _ in 0..BATCH_SIZE {
            let times = [get.time().await?, hash.time()?];
            if round > 0 {
                floors.push(times);
            }
        }
    }
    for ((_, row), process) in measured.iter_mut().zip(&processes) {
        row.peak_rss_mib = process::peak_rss(process)?;
    }
    Ok(floors)
}
