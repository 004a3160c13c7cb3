//! `cost`: a model on paper, from what `functions --json` measured and what AWS says of prices and processors.
//! Nothing here is measured; the assumptions are the constants below and the options.

use std::{fs, path::PathBuf};

use clap::Args;
use serde_json::Value;

use crate::{Result, report::align};

/// Lambda's documentation: at this memory a function has one processor, below it a share in proportion, and one thread
/// uses no more than one.
const MEGABYTES_OF_A_PROCESSOR: f64 = 1769.0;

// List prices of us-east-1 in dollars, without free tiers and discounts.
const GIGABYTE_SECOND_ARM64: f64 = 0.000_013_333_4;
const MILLION_INVOCATIONS: f64 = 0.20;
const MILLION_API_REQUESTS: f64 = 1.00;
const MILLION_READ_UNITS: f64 = 0.125;
const MILLION_WRITE_UNITS: f64 = 0.625;
const GIGABYTE_LOGGED: f64 = 0.50;

/// Assumed: Lambda's own JSON lines about an invocation (`platform.start`, `platform.report`).
const PLATFORM_LOG_BYTES: f64 = 700.0;
/// Assumed: the access log's line as `template.yaml` has it.
const ACCESS_LOG_BYTES: f64 = 350.0;

const MEMORY: [f64; 7] = [128.0, 256.0, 512.0, 1024.0, 1769.0, 2048.0, 3008.0];
/// What a table takes of one partition's keys.
const PARTITION_WRITES: f64 = 1000.0;

#[derive(Args)]
pub(crate) struct Options {
    /// What `functions --json` wrote
    #[arg(long, value_name = "FILE", default_value = "target/bench.json")]
    from: PathBuf,
    /// Milliseconds of one round trip to DynamoDB from Lambda
    #[arg(long, default_value_t = 4.0)]
    round_trip: f64,
    /// How fast a processor of Lambda's is, the measured one being 1
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Requests a second to provide for
    #[arg(long, default_value_t = 10_000.0)]
    rate: f64,
}

/// One function, as measured.
struct Function {
    name: &'static str,
    /// Milliseconds of a whole processor for a warm request.
    processor: f64,
    /// Round trips that wait for one another.
    round_trips: f64,
    reads: f64,
    writes: f64,
    logged: f64,
    /// `template.yaml`'s default.
    memory: f64,
}

impl Function {
    fn read(report: &Value, name: &'static str, round_trips: f64, memory: f64) -> Result<Self> {
        let rows = report["rows"].as_array().ok_or("no rows")?;
        let row = rows
            .iter()
            .find(|row| row["name"] == name)
            .ok_or_else(|| format!("{name} was not measured"))?;
        let number = |value: &Value| {
            value
                .as_f64()
                .ok_or_else(|| format!("{name}: a figure is missing"))
        };
        let (mut reads, mut writes) = (0.0, 0.0);
        for call in row["calls"].as_array().ok_or("no calls")? {
            let units = number(&call["units"])?;
            match call["operation"].as_str() {
                Some("GetItem" | "BatchGetItem" | "Query") => reads += units,
                _ => writes += units,
            }
        }
        Ok(Self {
            name,
            processor: number(&row["processor_of_warm"]["p50"])?,
            round_trips,
            reads,
            writes,
            logged: number(&row["log_bytes"])?,
            memory,
        })
    }

    /// Milliseconds of a warm request. All the processor's work is counted beside the waiting, though some of it happens
    /// meanwhile.
    fn latency(&self, memory: f64, options: &Options) -> f64 {
        let share = (memory / MEGABYTES_OF_A_PROCESSOR).min(1.0) * options.speed;
        self.processor / share + self.round_trips * options.round_trip
    }

    /// Dollars for a million: computing alone, billed by whole milliseconds.
    fn computing(&self, memory: f64, options: &Options) -> f64 {
        let seconds = self.latency(memory, options).ceil() / 1000.0;
        memory / 1024.0 * seconds * GIGABYTE_SECOND_ARM64 * 1e6
    }

    /// Dollars for a million, by what they are for.
    fn costs(&self, options: &Options) -> [f64; 5] {
        [
            self.computing(self.memory, options),
            MILLION_INVOCATIONS,
            MILLION_API_REQUESTS,
            self.reads * MILLION_READ_UNITS + self.writes * MILLION_WRITE_UNITS,
            // A million bytes a byte, a gigabyte a thousand million.
            (self.logged + PLATFORM_LOG_BYTES + ACCESS_LOG_BYTES) / 1000.0 * GIGABYTE_LOGGED,
        ]
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let file = fs::read(&options.from).map_err(|error| format!("{}: {error}", options.from.display()))?;
    let report: Value = serde_json::from_slice(&file)?;
    let functions = [
        Function::read(&report, "login", 3.0, 1024.0)?,
        Function::read(&report, "refresh", 1.0, 256.0)?,
        Function::read(&report, "me", 1.0, 256.0)?,
        Function::read(&report, "logout", 1.0, 256.0)?,
    ];
    println!(
        "\ncomputed: {} ms a round trip to DynamoDB, a processor {} times as fast as the measured one, arm64, list \
         prices of us-east-1\n",
        options.round_trip, options.speed
    );
    println!("{}", by_memory(&functions, options));
    println!("{}", by_purpose(&functions, options));
    println!("{}", at_rate(&functions, options));
    Ok(())
}

fn by_memory(functions: &[Function], options: &Options) -> String {
    let mut head = vec!["memory, MB".to_owned()];
    for function in functions {
        head.extend([format!("{} ms", function.name), "$ a million".to_owned()]);
    }
    let mut lines = vec![head];
    for memory in MEMORY {
        let mut line = vec![memory.to_string()];
        for function in functions {
            line.push(format!("{:.1}", function.latency(memory, options)));
            line.push(format!("{:.3}", function.computing(memory, options)));
        }
        lines.push(line);
    }
    align(&lines)
}

fn by_purpose(functions: &[Function], options: &Options) -> String {
    let head = [
        "$ a million",
        "at MB",
        "computing",
        "invocations",
        "API Gateway",
        "DynamoDB",
        "logs",
        "sum",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for function in functions {
        let costs = function.costs(options);
        let mut line = vec![function.name.to_owned(), function.memory.to_string()];
        line.extend(
            costs
                .iter()
                .chain([&costs.iter().sum()])
                .map(|cost| format!("{cost:.2}")),
        );
        lines.push(line);
    }
    align(&lines)
}

fn at_rate(functions: &[Function], options: &Options) -> String {
    let head = [
        &format!("{} a second", options.rate),
        "executions at once",
        "read units/s",
        "write units/s",
        "partitions",
        "$ an hour",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for function in functions {
        let writes = function.writes * options.rate;
        let dollars: f64 = function.costs(options).iter().sum();
        lines.push(vec![
            function.name.to_owned(),
            format!(
                "{:.0}",
                (options.rate * function.latency(function.memory, options) / 1000.0).ceil()
            ),
            format!("{:.0}", function.reads * options.rate),
            format!("{writes:.0}"),
            format!("{:.0}", (writes / PARTITION_WRITES).ceil()),
            format!("{:.2}", dollars * options.rate * 3600.0 / 1e6),
        ]);
    }
    align(&lines)
}
