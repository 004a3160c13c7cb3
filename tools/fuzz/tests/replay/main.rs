//! Runs every target over its corpus and over seeded mutations of it, in seconds: what the fuzzer found stays fixed.
//! `FUZZ_RUNS=100000 cargo test --release -p gatecrumb-fuzz` runs more mutations.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test panics when it fails"
)]

mod mutate;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::Instant,
};

use gatecrumb_fuzz::{TARGETS, Target, target};
use mutate::Mutator;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder().join("corpus").join(target.name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    match target.name {
        "event" => files.extend(events()),
        "authorizer" => files.extend(events().filter(|file| file.parent().unwrap().ends_with("authorizer"))),
        _ => {}
    }
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// The events of all functions: `events/<function>/<case>.json`.
fn events() -> impl Iterator<Item = PathBuf> {
    let children = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let functions = children(folder().join("../../events")).filter(|path| path.is_dir());
    let files = functions.flat_map(children);
    files.filter(|file| !file.to_string_lossy().ends_with(".answer.json"))
}

fn words(target: &Target) -> Vec<Vec<u8>> {
    let dictionary = folder()
        .join("dictionaries")
        .join(format!("{}.dict", target.name));
    let lines = fs::read_to_string(dictionary).unwrap();
    lines.lines().map(mutate::word).collect()
}

/// Runs the target. Prints the input if it fails.
fn run(target: &Target, bytes: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))) {
        println!("{} fails at \"{}\"", target.name, bytes.escape_ascii());
        std::panic::resume_unwind(panic);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the number of mutations is an option of the test"
)]
fn runs() -> Option<u64> {
    std::env::var("FUZZ_RUNS").ok().map(|runs| runs.parse().unwrap())
}

fn replay(name: &str, default: u64) {
    let target = target(name);
    let corpus = corpus(&target);
    assert!(!corpus.is_empty(), "{name} has no corpus");
    for bytes in &corpus {
        run(&target, bytes);
    }
    let mut mutator = Mutator::new(1, words(&target));
    let (runs, started) = (runs().unwrap_or(default), Instant::now());
    for _ in 0..runs {
        run(&target, &mutator.next(&corpus));
    }
    println!(
        "{name}: {} files, {runs} mutations in {:?}",
        corpus.len(),
        started.elapsed()
    );
}

macro_rules! replays {
    ($($name:ident: $runs:literal),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name), $runs);
            }
        )*

        #[test]
        fn every_target_is_here() {
            assert_eq!([$(stringify!($name)),*], TARGETS.map(|target| target.name));
        }
    };
}

replays! {
    authorizer: 10_000,
    claims: 5000,
    config: 4000,
    cookies: 10_000,
    device: 5000,
    event: 20_000,
    jwks: 100_000,
    login: 20_000,
    phc: 100_000,
    request: 15_000,
    token: 100_000,
}
