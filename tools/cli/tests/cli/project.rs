//! A directory in which commands run without `--state`, and a `serve` in it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::atomic::Ordering,
};

use super::{NEXT, PASSWORD};

/// An empty directory, removed at the end.
pub(crate) struct Project(pub(crate) PathBuf);

impl Project {
    pub(crate) fn new() -> Self {
        let name = format!(
            "gatecrumb-project-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::SeqCst)
        );
        let directory = std::env::temp_dir().join(name);
        fs::create_dir(&directory).unwrap();
        // As programs see it: without links.
        Self(directory.canonicalize().unwrap())
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let folder = self.0.join(name);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.0.join(".gatecrumb")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        run_in(&self.0, arguments)
    }

    /// The error that a failing command prints: one line.
    pub(crate) fn failure(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty());
        text(output.stderr)
    }

    pub(crate) fn create(&self, name: &str) {
        let output = self.run(&["user", "create", name, "--password-stdin"]);
        assert!(output.status.success(), "{output:?}");
    }

    pub(crate) fn has(&self, user: &str) -> bool {
        self.run(&["user", "show", user]).status.success()
    }

    pub(crate) fn serve(&self, options: &[&str]) -> Serve {
        Serve::start(spawn_in(&self.0, &[&["serve"], &PORTS[..], options].concat()))
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Chosen by the operating system.
const PORTS: [&str; 4] = ["--port", "0", "--dynamodb-port", "0"];

/// A running `serve`, killed at the end.
pub(crate) struct Serve {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it printed at the start.
    pub(crate) banner: Vec<String>,
}

impl Serve {
    fn start(mut child: Child) -> Self {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut banner = Vec::new();
        while !banner
            .last()
            .is_some_and(|line: &String| line.starts_with("Ctrl-C"))
        {
            banner.push(lines.next().unwrap().unwrap());
        }
        Self { child, lines, banner }
    }

    /// The rest of the banner's line that begins with `label`.
    pub(crate) fn line(&self, label: &str) -> &str {
        let found = self
            .banner
            .iter()
            .find_map(|line| line.trim_start().strip_prefix(label));
        found
            .unwrap_or_else(|| panic!("no {label} in {:?}", self.banner))
            .trim()
    }

    pub(crate) fn base(&self) -> &str {
        self.line("page").trim_end_matches('/')
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// The next line that is not empty.
    pub(crate) fn next_line(&mut self) -> Option<String> {
        let mut lines = self.lines.by_ref().map(Result::unwrap);
        lines.find(|line| !line.is_empty())
    }

    /// The exit code; `None` after a signal.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn spawn_in(directory: &Path, arguments: &[&str]) -> Child {
    spawn_with(directory, arguments, PASSWORD)
}

pub(crate) fn spawn_with(directory: &Path, arguments: &[&str], input: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
    command
        .args(arguments)
        .env_clear()
        .env("PASSWORD_MEMORY_KIB", "7168")
        .env("PASSWORD_ITERATIONS", "1")
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Fails if the command has ended already without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child
}

pub(crate) fn run_in(directory: &Path, arguments: &[&str]) -> Output {
    spawn_in(directory, arguments).wait_with_output().unwrap()
}

pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
