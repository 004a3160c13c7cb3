//! `instructions`: the instructions of each binary's start and of one request, counted by callgrind. On machines with
//! the same processor features the counts repeat to a fraction of a percent; times on a shared machine do not.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::Args;
use gatecrumb_testkit::events;
use gatecrumb_web::routes;

use crate::{
    Result, binaries,
    report::align,
    services::Services,
    subject::{Kind, Subject},
};

/// The growth of a count above which it is reported.
const TOLERANCE_PERCENT: u64 = 5;
/// The functions whose requests are counted as well as their start.
const REQUESTS_OF: [&str; 2] = ["me", "refresh"];
/// The requests of the two runs whose difference gives the cost of one: the first few requests fill caches and pools.
const FEW: u64 = 10;
const MANY: u64 = 30;
/// Valgrind is a script on some systems.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

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

/// Returns true if no count grew beyond the tolerance.
pub(crate) async fn run(options: &Options) -> Result<bool> {
    let directory = match &options.binaries {
        Some(directory) => directory.clone(),
        None => binaries::build(routes::functions())?,
    };
    let counts = count_all(&directory).await?;
    if options.update {
        let text = serde_json::to_string_pretty(&counts)?;
        fs::write(&options.baseline, format!("{text}\n"))?;
    }
    let text = fs::read_to_string(&options.baseline)
        .map_err(|error| format!("{}: {error}; --update writes it", options.baseline.display()))?;
    let baseline: Counts = serde_json::from_str(&text)?;
    println!("{}", table(&counts, &baseline));
    let new: Vec<&String> = counts
        .keys()
        .filter(|what| !baseline.contains_key(*what))
        .collect();
    if !new.is_empty() {
        println!("No baseline yet: {new:?}. Run this with --update to record one.");
    }
    let grown: Vec<&String> = grown(&counts, &baseline).collect();
    if grown.is_empty() {
        return Ok(true);
    }
    println!(
        "More than {TOLERANCE_PERCENT} % more instructions: {grown:?}.\nReduce them, or run this with --update in the same \
         change and say there why it is worth it."
    );
    Ok(false)
}

async fn count_all(directory: &Path) -> Result<Counts> {
    let services = Services::start(false)?;
    let mut counts = Counts::new();
    for function in routes::functions() {
        let binary = directory.join(function);
        let count = |requests| count(&binary, function, requests, &services);
        counts.insert(format!("start of {function}"), count(0).await?);
        if REQUESTS_OF.contains(&function) {
            let (few, many) = (count(FEW).await?, count(MANY).await?);
            let each = many.saturating_sub(few) / (MANY - FEW);
            counts.insert(format!("one {function}"), each);
        }
    }
    Ok(counts)
}

/// Instructions of a process from its start until it has handled `requests` events and requests another one.
async fn count(binary: &Path, function: &str, requests: u64, services: &Services) -> Result<u64> {
    let file = env::temp_dir().join(format!("gatecrumb-callgrind-{}-{function}", std::process::id()));
    let out_file = format!("--callgrind-out-file={}", file.display());
    let binary = binary.display().to_string();
    let command = ["valgrind", "--quiet", "--tool=callgrind", &out_file, &binary];
    let mut variables = services.variables();
    variables.push(("PATH".to_owned(), PATH.to_owned()));
    let subject = Subject {
        name: function.to_owned(),
        kind: Kind::Binary,
        command: command.map(str::to_owned).into(),
        variables,
        event: events::named(&format!("{function}/success")).to_string(),
    };
    let (mut process, _) = subject.start(Stdio::null()).await?;
    for _ in 0..requests {
        subject.invoke(&mut process).await?;
    }
    // Callgrind writes its counts when the process ends by a signal that it can handle.
    let id = process.id().ok_or("the process has ended")?;
    Command::new("kill").args(["-TERM", &id.to_string()]).status()?;
    process.ended().await;
    let text = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(totals.ok_or("callgrind wrote no totals")?.trim().parse()?)
}

/// What a new function takes is not compared with anything.
fn grown<'a>(counts: &'a Counts, baseline: &'a Counts) -> impl Iterator<Item = &'a String> {
    counts.iter().filter_map(|(what, &count)| {
        let old = *baseline.get(what)?;
        (count > old + old * TOLERANCE_PERCENT / 100).then_some(what)
    })
}

#[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
fn table(counts: &Counts, baseline: &Counts) -> String {
    let head = ["instructions", "now", "baseline", ""];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
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
    fn growth_beyond_the_tolerance_is_found() {
        let baseline = counts(&[("a", 1000), ("b", 1000), ("c", 1000)]);
        let now = counts(&[("a", 1050), ("b", 1051), ("c", 10), ("d", 1)]);
        assert_eq!(grown(&now, &baseline).collect::<Vec<_>>(), ["b"]);
    }
}
