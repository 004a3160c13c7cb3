//! The real command line, as people and scripts use it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

mod audit;
mod aws;
mod demo;
mod documents;
mod faults;
mod help;
mod keys;
mod list;
mod locate;
mod neighbours;
mod project;
mod serve;
mod state;
mod terminal;
mod users;
mod writes;

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::Value;

static NEXT: AtomicU32 = AtomicU32::new(0);
const PASSWORD: &str = "correct horse battery staple";

/// A state directory for one test, removed at its end.
struct State(PathBuf);

impl State {
    fn new() -> Self {
        let name = format!(
            "gatecrumb-cli-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::SeqCst)
        );
        Self(std::env::temp_dir().join(name))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        command.args(arguments).arg("--state").arg(&self.0).env_clear();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(arguments).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The JSON that a successful command prints.
    fn json(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat(), input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The error that a failing command prints.
    fn failure(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }

    fn create(&self, name: &str) -> Value {
        self.json(&["user", "create", name, "--password-stdin"], PASSWORD)
    }
}

impl State {
    /// The lines of the audit log.
    fn audit_log(&self) -> Vec<Value> {
        let path = self.0.join("audit.log");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.contains(PASSWORD) && !text.contains("$argon2") && !text.contains("\"d\""));
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn events(&self) -> Vec<String> {
        let event = |line: &Value| line["event"].as_str().unwrap().to_owned();
        self.audit_log().iter().map(event).collect()
    }
}

impl State {
    /// Whether only the owner can access the directory and everything in it.
    fn is_private(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode =
                |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            let entries = std::fs::read_dir(&self.0)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            let open: Vec<_> = entries.filter(|path| mode(path) != 0o600).collect();
            assert_eq!(open, Vec::<PathBuf>::new());
            assert_eq!(mode(&self.0), 0o700);
        }
        true
    }

    /// The parameters of the newest password hash in the table, such as `m=19456,t=2,p=1`.
    fn stored_cost(&self) -> String {
        let file = std::fs::read(self.0.join("dynamodb.sqlite")).unwrap();
        let wal = std::fs::read(self.0.join("dynamodb.sqlite-wal")).unwrap_or_default();
        let bytes = [file, wal].concat();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let start = text.rfind("$argon2id$").unwrap();
        text[start..].split('$').nth(3).unwrap().to_owned()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
