//! `functions`: each function's binary from its start to warm requests, interleaved with the floors.

use std::{env, fs, path::PathBuf};

use clap::Args;
use gatecrumb_aws::{CaBundle, Connection, Http};
use gatecrumb_testkit::{events, world};

use crate::{
    Result, binaries, calls,
    dynamodb::{DEVICE_SECRET, SECRET, Table},
    floors::{Get, Hash},
    process::{Process, Subject},
    report::{Report, Row},
    targets,
};

pub(crate) const ONLY_200: &str = "only-200";
pub(crate) const ONE_GET_ITEM: &str = "one-get-item";
/// What the name of a function ends with that fetches its signing keys while it starts.
const BY_SECRET: &str = ", secret";
/// Round trips of a sign-in that wait for one another: name, user, session.
pub(crate) const LOGIN_ROUND_TRIPS: f64 = 3.0;

/// Requests of one subject before the next one takes its turn.
const BATCH_SIZE: u32 = 10;

#[derive(Args)]
pub(crate) struct Options {
    /// Measure the binaries in this directory instead of building them
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// DynamoDB by TLS, with a local authority that the functions trust by `AWS_CA_BUNDLE`
    #[arg(long)]
    tls: bool,
    /// Starts of each
    #[arg(long, default_value_t = 30)]
    starts: usize,
    /// Warm requests to each
    #[arg(long, default_value_t = 400)]
    requests: usize,
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

/// Whether no target was missed, or none had to be met.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let directory = match &options.binaries {
        Some(directory) => directory.clone(),
        None => binaries::build(&["login", "refresh", "me", "logout", "gatecrumb-floor"])?,
    };
    let bundle = env::temp_dir().join(format!("gatecrumb-bench-{}.pem", std::process::id()));
    let table = Table::start(options.tls.then_some(&bundle))?;
    let mut variables = world::variables(&table.endpoint);
    if options.tls {
        variables.push(("AWS_CA_BUNDLE".to_owned(), bundle.display().to_string()));
    }
    let mut report = Report {
        tls: options.tls,
        ..Report::default()
    };
    let subjects = subjects(options, &directory, &variables, &table.secrets)?;
    for subject in &subjects {
        let mut row = Row::new(&subject.name);
        if options.vs.is_empty() || !subject.name.contains('(') {
            (row.binary, row.zip) = binaries::sizes(subject.command[0].as_ref())?;
        }
        report.rows.push(row);
    }
    measure(options, &subjects, &table, &bundle, &mut report)?;
    let plain = Table::start(None)?;
    for (subject, row) in subjects.iter().zip(&mut report.rows) {
        if subject.name.ends_with(BY_SECRET) {
            continue;
        }
        let mut subject = subject.clone();
        subject.variables.retain(|(name, _)| name != "AWS_CA_BUNDLE");
        (row.calls, row.log) = calls::count(&subject, &plain.endpoint)?;
    }
    // Nobody but the functions that are gone reads it.
    let _ = fs::remove_file(&bundle);
    println!("{}", report.table());
    let targets = targets::check(&report);
    println!("{}", targets::table(&targets));
    if let Some(file) = &options.json {
        fs::write(file, format!("{:#}\n", report.json(&targets)))?;
    }
    Ok(!options.strict || targets.iter().all(targets::Target::met))
}

fn subjects(
    options: &Options,
    directory: &std::path::Path,
    variables: &[(String, String)],
    secrets: &str,
) -> Result<Vec<Subject>> {
    let subject = |name: &str, event: &str, command: Vec<String>| Subject {
        name: name.to_owned(),
        command,
        variables: variables.to_vec(),
        event: events::named(event).to_string(),
    };
    let binary = |name: &str| vec![directory.join(name).display().to_string()];
    let mut subjects = vec![
        subject(ONLY_200, "me", binary(ONLY_200)),
        subject(ONE_GET_ITEM, "me", binary(ONE_GET_ITEM)),
    ];
    for function in binaries::FUNCTIONS {
        subjects.push(subject(function, function, binary(function)));
    }
    for function in ["login", "refresh"] {
        let mut fetching = subject(&format!("{function}{BY_SECRET}"), function, binary(function));
        fetching
            .variables
            .retain(|(name, _)| !matches!(name.as_str(), "SIGNING_KEYS" | "DEVICE_KEYS"));
        for (name, value) in [
            ("SIGNING_KEYS_SECRET", SECRET),
            ("DEVICE_KEYS_SECRET", DEVICE_SECRET),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets),
        ] {
            fetching.variables.push((name.to_owned(), value.to_owned()));
        }
        subjects.push(fetching);
    }
    for peer in &options.vs {
        let (only, command) = match peer.split_once('=') {
            Some((name, command)) if binaries::FUNCTIONS.contains(&name) => (Some(name), command),
            _ => (None, peer.as_str()),
        };
        let command: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let program = command.first().ok_or("--vs is empty")?.clone();
        for function in binaries::FUNCTIONS
            .into_iter()
            .filter(|name| only.is_none_or(|only| only == *name))
        {
            let mut peer = subject(&format!("{function} (vs {program})"), function, command.clone());
            peer.variables.push(("_HANDLER".to_owned(), function.to_owned()));
            peer.variables.extend(path());
            subjects.push(peer);
        }
    }
    Ok(subjects)
}

/// An interpreter may need it.
#[expect(clippy::disallowed_methods, reason = "handed on as it is")]
fn path() -> Option<(String, String)> {
    env::var("PATH").ok().map(|path| ("PATH".to_owned(), path))
}

fn measure(
    options: &Options,
    subjects: &[Subject],
    table: &Table,
    bundle: &PathBuf,
    report: &mut Report,
) -> Result<()> {
    let mut connection = Connection::local(&table.endpoint);
    if options.tls {
        connection.http = Http::new(Some(CaBundle::parse(fs::read(bundle)?)?));
    }
    let get = Get::new(&connection)?;
    let mut hash = Hash::new()?;
    // The first of everything warms the machine: it is not counted.
    for round in 0..=options.starts {
        for (subject, row) in subjects.iter().zip(&mut report.rows) {
            let mut process = Process::start(subject)?;
            let before = process.minor_faults()?;
            let (first, status) = process.invoke(&subject.event)?;
            row.status = status;
            if round > 0 {
                row.start_processor.push(process.processor_time()?);
                row.init.push(process.init);
                row.first.push(first);
                row.both.push(process.init + first);
                row.first_faults = process.minor_faults()? - before;
            }
        }
    }
    let mut processes = Vec::new();
    for subject in subjects {
        let mut process = Process::start(subject)?;
        process.invoke(&subject.event)?;
        processes.push(process);
    }
    for round in 0..=options.requests.div_ceil(10) {
        for ((subject, process), row) in subjects.iter().zip(&mut processes).zip(&mut report.rows) {
            let before = process.processor_time()?;
            for _ in 0..BATCH_SIZE {
                let (took, _) = process.invoke(&subject.event)?;
                if round > 0 {
                    row.warm.push(took);
                }
            }
            if round > 0 {
                row.processor
                    .push(process.processor_time()?.saturating_sub(before) / BATCH_SIZE);
            }
        }
        for _ in 0..BATCH_SIZE {
            let (got, hashed) = (get.time()?, hash.time()?);
            if round > 0 {
                report.get_item.push(got);
                report.hash.push(hashed);
            }
        }
    }
    for (process, row) in processes.iter().zip(&mut report.rows) {
        row.rss = process.peak_rss()?;
    }
    Ok(())
}
