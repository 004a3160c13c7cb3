//! Puts the version into `GATECRUMB_VERSION`, with the commit if there is one. Nothing depends on the time or the machine.
//! Paths are relative to this package's folder, in which cargo runs this program. An absolute one would be that of the
//! checkout that compiled the program: several checkouts can share a target directory.

use std::{path::Path, process::Command};

/// This package's folder in its repository. A copy in another repository has no commit of its own.
const FOLDER: &str = "tools/cli/";
const COMMIT_LENGTH: usize = 12;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env!("CARGO_PKG_VERSION");
    let version = match packaged_commit().or_else(commit) {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    };
    println!("cargo::rustc-env=GATECRUMB_VERSION={version}");
}

/// From the file that `cargo package` adds.
fn packaged_commit() -> Option<String> {
    let text = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    abbreviated(rest.split('"').nth(1)?)
}

/// From git, if it is installed and this folder is in its repository. Runs again after a commit or a checkout.
fn commit() -> Option<String> {
    if git(&["rev-parse", "--show-prefix"])? != FOLDER {
        return None;
    }
    let reference = git(&["symbolic-ref", "--quiet", "HEAD"]);
    // The log changes with each commit too, when the reference itself is among the packed ones.
    let fixed = ["HEAD", "logs/HEAD", "packed-refs"];
    for name in fixed.into_iter().chain(reference.as_deref()) {
        // cargo would run this program at each build if a file did not exist.
        let file = git(&["rev-parse", "--git-path", name]).filter(|file| Path::new(file).exists());
        if let Some(file) = file {
            println!("cargo::rerun-if-changed={file}");
        }
    }
    abbreviated(&git(&["rev-parse", "HEAD"])?)
}

fn abbreviated(commit: &str) -> Option<String> {
    let is_hex = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    commit.get(..COMMIT_LENGTH).filter(|_| is_hex).map(str::to_owned)
}

fn git(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.args(arguments);
    // Set in a git hook, perhaps for another repository.
    for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
