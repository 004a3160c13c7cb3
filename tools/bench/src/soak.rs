//! Mixed traffic for minutes through `gatecrumb serve`: pairs of tabs that share a cookie jar, answers that are lost,
//! and in the middle a restart of the whole, DynamoDB included, and a hang. No session may be lost by it.

mod tab;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex, RwLock},
    time::{Duration, Instant},
};

use crate::{Result, gateway::Server};
use tab::{Counts, Jar, Tab};

/// How long, and by how many.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// For so many minutes
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// So many people, each with two tabs
    #[arg(long, default_value_t = 16)]
    people: usize,
    /// The command line's binary
    #[arg(long, default_value = "target/release/gatecrumb")]
    binary: PathBuf,
}

const PASSWORD: &str = "correct horse battery staple";
/// Fractions of the whole time, in percent.
const RESTART_AT: u32 = 30;
const HANG_AT: u32 = 60;
const HANG: Duration = Duration::from_secs(3);

/// What all tabs share.
pub(crate) struct World {
    pub(crate) address: RwLock<SocketAddr>,
    pub(crate) counts: Mutex<Counts>,
    pub(crate) ends_at: Instant,
}

/// Whether no session was lost.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let state = std::env::temp_dir().join(format!("gatecrumb-soak-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let done = runtime.block_on(soak(options, &state));
    let _ = std::fs::remove_dir_all(&state);
    done
}

async fn soak(options: &Options, state: &Path) -> Result<bool> {
    let log = state.with_extension("log");
    for person in 0..options.people {
        create_user(&options.binary, state, &name(person))?;
    }
    let server = Server::start(&options.binary, state, Some(&log))?;
    let length = Duration::from_secs(options.minutes * 60);
    let started = Instant::now();
    let world = Arc::new(World {
        address: RwLock::new(server.address),
        counts: Mutex::default(),
        ends_at: started + length,
    });
    let mut tabs = Vec::new();
    let mut jars = Vec::new();
    for person in 0..options.people {
        let jar = Arc::new(Mutex::new(Jar::default()));
        Tab::new(&world, &jar, &name(person), PASSWORD, 0)
            .sign_in()
            .await?;
        for tab in 1..=2 {
            let mut tab = Tab::new(&world, &jar, &name(person), PASSWORD, person * 2 + tab);
            tabs.push(tokio::spawn(async move { tab.browse().await }));
        }
        jars.push(jar);
    }

    tokio::time::sleep(length * RESTART_AT / 100).await;
    println!("restarting");
    let server = server.restart(&options.binary, state, Some(&log))?;
    if let Ok(mut address) = world.address.write() {
        *address = server.address;
    }
    tokio::time::sleep(length * 10 / 100).await;
    let early = server.resident_kib()?;
    tokio::time::sleep((length * HANG_AT / 100).saturating_sub(started.elapsed())).await;
    println!("hanging for {} s", HANG.as_secs());
    server.signal("STOP")?;
    tokio::time::sleep(HANG).await;
    server.signal("CONT")?;
    for tab in tabs {
        tab.await?;
    }
    let late = server.resident_kib()?;

    let mut alive = 0;
    for (person, jar) in jars.iter().enumerate() {
        let mut tab = Tab::new(&world, jar, &name(person), PASSWORD, 0);
        alive += usize::from(tab.is_signed_in().await);
    }
    drop(server);
    let log_text = std::fs::read_to_string(&log).unwrap_or_default();
    let _ = std::fs::remove_file(&log);
    let reused = log_text.matches("session_reused").count();
    let counts = world.counts.lock().map_err(|_| "a tab panicked")?;
    println!(
        "{} requests, {} refreshed, {} answers lost on purpose, {} without an answer, {} times 5xx",
        counts.requests, counts.refreshed, counts.dropped, counts.unanswered, counts.faults
    );
    println!(
        "sessions lost: {}, alive at the end: {alive} of {}, reuse alarms: {reused}",
        counts.lost, options.people
    );
    println!(
        "p50 {:.2} ms, p99 {:.2} ms, longest {:.0} ms",
        counts.times.median(),
        counts.times.percentile(99),
        counts.times.percentile(100),
    );
    println!("resident: {early} KiB soon after the restart, {late} KiB at the end");
    Ok(counts.lost == 0 && reused == 0 && alive == options.people)
}

fn name(person: usize) -> String {
    format!("person{person}")
}

fn create_user(binary: &Path, state: &Path, name: &str) -> Result<()> {
    use std::io::Write as _;
    let mut child = Command::new(binary)
        .args(["user", "create", name, "--password-stdin", "--state"])
        .arg(state)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    child
        .stdin
        .take()
        .ok_or("no stdin")?
        .write_all(PASSWORD.as_bytes())?;
    if child.wait()?.success() {
        Ok(())
    } else {
        Err("no user was made".into())
    }
}
