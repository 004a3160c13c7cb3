//! `gateway`: the local gateway under load, by clients with a connection each, over tables of different size at the
//! same time.

mod client;
mod load;
mod seed;
mod server;

pub(crate) use client::Client;
pub(crate) use server::Server;

use std::{fs, path::PathBuf, thread, time::Duration};

use clap::Args;
use serde_json::{Value, json};

use crate::{Result, binaries, floors::Hash, report::align, stats::Samples};
use load::{Kind, Load};

#[derive(Args)]
pub(crate) struct Options {
    /// The command line's binary, instead of building it
    #[arg(long, value_name = "FILE")]
    gatecrumb: Option<PathBuf>,
    /// Users in the table; a million take some minutes to put there, once
    #[arg(long, value_delimiter = ',', default_value = "1000,1000000")]
    users: Vec<u64>,
    /// Clients at once
    #[arg(long, value_delimiter = ',', default_value = "1,4,16,64")]
    clients: Vec<usize>,
    /// What the clients ask for
    #[arg(long, value_enum, value_delimiter = ',', default_value = "login,refresh,me")]
    loads: Vec<Kind>,
    /// Seconds of each load, twice
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Where the tables are kept for the next time
    #[arg(long, value_name = "DIR", default_value = "target/bench-tables")]
    state: PathBuf,
    /// Also write everything here
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One load on one table.
struct Line {
    kind: Kind,
    users: u64,
    clients: usize,
    seconds: f64,
    times: Samples,
}

/// Hashes a second that all cores together can do, bare.
struct HashRate {
    cores: usize,
    /// Of each core's, together.
    seconds: f64,
    hashes: usize,
}

pub(crate) fn run(options: &Options) -> Result<bool> {
    let binary = match &options.gatecrumb {
        Some(file) => file.clone(),
        None => binaries::build(&["gatecrumb"])?.join("gatecrumb"),
    };
    let mut servers = Vec::new();
    for &users in &options.users {
        let state = options.state.join(users.to_string());
        seed::table(&binary, &state, users)?;
        servers.push((
            users,
            Server::start(&binary, &state, Some(&state.join("serve.log")))?,
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let most = options.clients.iter().copied().max().unwrap_or(1);
    let mut loads = Vec::new();
    for (users, server) in &servers {
        loads.push((
            *users,
            runtime.block_on(Load::sign_in(server.address, *users, most))?,
        ));
    }
    if options.loads.contains(&Kind::Refresh) {
        // Younger ones are not rotated, and a refresh would be a read only.
        println!("waiting until the refresh tokens are old enough to rotate");
        thread::sleep(Duration::from_secs(server::REFRESH_MIN_AGE_SECONDS + 1));
    }

    let mut rate = HashRate::new();
    let mut lines: Vec<Line> = Vec::new();
    for round in 0..2 {
        for &kind in &options.loads {
            for &clients in &options.clients {
                for (users, load) in &loads {
                    let time = Duration::from_secs(options.seconds);
                    let (times, seconds) = runtime.block_on(load.run(kind, clients, time))?;
                    if kind == Kind::Login {
                        rate.measure()?;
                    }
                    if round == 0 {
                        lines.push(Line {
                            kind,
                            users: *users,
                            clients,
                            seconds,
                            times,
                        });
                    } else if let Some(line) = lines
                        .iter_mut()
                        .find(|line| (line.kind, line.users, line.clients) == (kind, *users, clients))
                    {
                        line.seconds += seconds;
                        line.times.extend(times);
                    }
                }
            }
        }
    }
    println!("{}", table(&lines, &rate));
    if let Some(file) = &options.json {
        fs::write(file, format!("{:#}\n", to_json(&lines, &rate)))?;
    }
    Ok(true)
}

impl HashRate {
    fn new() -> Self {
        Self {
            cores: thread::available_parallelism().map_or(1, usize::from),
            seconds: 0.0,
            hashes: 0,
        }
    }

    fn measure(&mut self) -> Result<()> {
        const TIME: Duration = Duration::from_secs(1);
        let threads: Vec<_> = (0..self.cores)
            .map(|_| {
                thread::spawn(|| -> Result<(usize, Duration)> {
                    let mut hash = Hash::new()?;
                    // The first one touches its memory.
                    hash.time()?;
                    let (mut spent, mut hashes) = (Duration::ZERO, 0);
                    while spent < TIME {
                        spent += hash.time()?;
                        hashes += 1;
                    }
                    Ok((hashes, spent))
                })
            })
            .collect();
        for thread in threads {
            let (hashes, spent) = thread.join().map_err(|_| "a hashing thread died")??;
            self.hashes += hashes;
            self.seconds += spent.as_secs_f64();
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn a_second(&self) -> f64 {
        self.hashes as f64 / self.seconds * self.cores as f64
    }
}

impl Line {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn a_second(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }
}

fn table(lines: &[Line], rate: &HashRate) -> String {
    let head = [
        "",
        "users",
        "clients",
        "a second",
        "p50 ms",
        "p99 ms",
        "of the hashes",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for line in lines {
        let share = match line.kind {
            Kind::Login => format!("{:.0} %", line.a_second() / rate.a_second() * 100.0),
            _ => String::new(),
        };
        rows.push(vec![
            line.kind.name().to_owned(),
            line.users.to_string(),
            line.clients.to_string(),
            format!("{:.0}", line.a_second()),
            format!("{:.2}", line.times.median()),
            format!("{:.2}", line.times.percentile(99)),
            share,
        ]);
    }
    format!(
        "\nmeasured; gateway, embedded DynamoDB and clients share {} cores; bare hashes on all of them: {:.0} a \
         second\n\n{}",
        rate.cores,
        rate.a_second(),
        align(&rows)
    )
}

fn to_json(lines: &[Line], rate: &HashRate) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({
                "what": line.kind.name(), "users": line.users, "clients": line.clients,
                "a_second": line.a_second(), "p50_ms": line.times.median(), "p99_ms": line.times.percentile(99),
            })
        })
        .collect();
    json!({ "cores": rate.cores, "bare_hashes_a_second": rate.a_second(), "lines": lines })
}
