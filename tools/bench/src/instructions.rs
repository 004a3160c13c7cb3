//! `instructions`: what starting each binary and one request take, in instructions under callgrind. They repeat to
//! a fraction of a percent on any machine with the same processor features, which no time on a shared one does.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;
use gatecrumb_testkit::{events, fixtures};

use crate::{
    Result, binaries,
    dynamodb::Table,
    process::{Process, Subject},
    report::align,
};

/// By how much a count may grow unsaid.
const TOLERANCE_PERCENT: u64 = 5;
/// Requests of the two runs whose difference is divided: the first few requests fill caches and pools.
const FEW: u64 = 10;
const MANY: u64 = 30;

#[derive(Args)]
pub(crate) struct Options {
    /// Count the binaries in this directory instead of building them
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// The counts to compare with
    #[arg(long, value_name = "FILE", default_value = "tools/bench/instructions.json")]
    baseline: PathBuf,
    /// Write the counts there as the new baseline
    #[arg(long)]
    update: bool,
}

type Counts = BTreeMap<String, u64>;

/// Whether nothing grew beyond the tolerance.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let directory = match &options.binaries {
        Some(directory) => directory.clone(),
        None => binaries::build(&binaries::FUNCTIONS)?,
    };
    let counts = count_all(&directory)?;
    if options.update {
        fs::write(
            &options.baseline,
            format!("{}\n", serde_json::to_string_pretty(&counts)?),
        )?;
    }
    let text = fs::read_to_string(&options.baseline)
        .map_err(|error| format!("{}: {error}; --update writes it", options.baseline.display()))?;
    let baseline: Counts = serde_json::from_str(&text)?;
    println!("{}", table(&counts, &baseline));
    let grown: Vec<&String> = grown(&counts, &baseline).collect();
    if grown.is_empty() {
        return Ok(true);
    }
    println!(
        "More than {TOLERANCE_PERCENT} % more instructions, or no baseline: {grown:?}.\nMake it cheaper, or say in \
         the same change why it is worth it and run this with --update."
    );
    Ok(false)
}

fn count_all(directory: &Path) -> Result<Counts> {
    let table = Table::start(None)?;
    let mut counts = Counts::new();
    for function in binaries::FUNCTIONS {
        let binary = directory.join(function);
        let count = |requests| count(&binary, function, requests, &table.endpoint);
        counts.insert(format!("start of {function}"), count(0)?);
        if matches!(function, "me" | "refresh") {
            let each = (count(MANY)?.saturating_sub(count(FEW)?)) / (MANY - FEW);
            counts.insert(format!("one {function}"), each);
        }
    }
    Ok(counts)
}

/// Instructions of a process from its start until it waits for an event after so many.
fn count(binary: &Path, function: &str, requests: u64, endpoint: &str) -> Result<u64> {
    let file = env::temp_dir().join(format!("gatecrumb-callgrind-{}-{function}", std::process::id()));
    let subject = Subject {
        name: function.to_owned(),
        command: vec![
            "valgrind".to_owned(),
            "--quiet".to_owned(),
            "--tool=callgrind".to_owned(),
            format!("--callgrind-out-file={}", file.display()),
            binary.display().to_string(),
        ],
        variables: [
            fixtures::variables(endpoint),
            vec![("PATH".to_owned(), PATH.to_owned())],
        ]
        .concat(),
        event: events::named(&format!("{function}/success")).to_string(),
    };
    let mut process = Process::start(&subject)?;
    for _ in 0..requests {
        process.invoke(&subject.event)?;
    }
    // Callgrind writes its counts when the process ends by a signal that it can see.
    let mut kill = Command::new("kill");
    kill.args(["-TERM", &process.id().to_string()]).status()?;
    process.wait()?;
    let text = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(totals.ok_or("callgrind wrote no totals")?.trim().parse()?)
}

/// Valgrind is a script on some systems.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

fn grown<'a>(counts: &'a Counts, baseline: &'a Counts) -> impl Iterator<Item = &'a String> {
    counts.iter().filter_map(|(what, &count)| {
        let allowed = baseline
            .get(what)
            .map_or(0, |&old| old + old * TOLERANCE_PERCENT / 100);
        (count > allowed).then_some(what)
    })
}

#[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
fn table(counts: &Counts, baseline: &Counts) -> String {
    let mut lines = vec![
        ["instructions", "now", "baseline", ""]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (what, &count) in counts {
        let old = baseline.get(what).copied();
        let change = old.map_or_else(
            || "new".to_owned(),
            |old| format!("{:+.2} %", (count as f64 / old as f64 - 1.0) * 100.0),
        );
        let old = old.map(|old| old.to_string()).unwrap_or_default();
        lines.push(vec![what.clone(), count.to_string(), old, change]);
    }
    align(&lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(&str, u64)]) -> Counts {
        of.iter().map(|&(what, count)| (what.to_owned(), count)).collect()
    }

    #[test]
    fn growth_beyond_the_tolerance_is_found_and_so_is_what_has_no_baseline() {
        let baseline = counts(&[("a", 1000), ("b", 1000), ("c", 1000)]);
        let now = counts(&[("a", 1050), ("b", 1051), ("c", 10), ("d", 1)]);
        assert_eq!(grown(&now, &baseline).collect::<Vec<_>>(), ["b", "d"]);
    }
}
