//! Every command when its output cannot be written: a reader that is gone, a full disk, standard error as well.

#![cfg(target_os = "linux")]

use std::{
    fs::OpenOptions,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, Command, ExitStatus, Output, Stdio},
};

use gatecrumb_testkit::http::Browser;

use super::{PASSWORD, State};

/// Where a stream goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sink {
    /// The test reads it.
    Read,
    /// A pipe whose reader is gone.
    ClosedPipe,
    /// A file on a full disk.
    Full,
}

impl Sink {
    fn stdio(self) -> Stdio {
        match self {
            Self::Read => Stdio::piped(),
            Self::ClosedPipe => std::io::pipe().unwrap().1.into(),
            Self::Full => OpenOptions::new().write(true).open("/dev/full").unwrap().into(),
        }
    }
}

fn run(state: &State, arguments: &[&str], stdout: Sink, stderr: Sink) -> Output {
    let mut command = if arguments[0].starts_with('-')
        || ["man", "completions", "help", "nonsense"].contains(&arguments[0])
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        command.args(arguments).env_clear().stdin(Stdio::piped());
        command
    } else {
        state.command(arguments)
    };
    let mut child = command
        .stdout(stdout.stdio())
        .stderr(stderr.stdio())
        .spawn()
        .unwrap();
    // A command that fails early does not read it.
    let _ = child.stdin.take().unwrap().write_all(PASSWORD.as_bytes());
    child.wait_with_output().unwrap()
}

/// What a command does besides printing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Effect {
    Nothing,
    /// One line more in the audit log.
    Change,
    /// It fails with this code.
    Fails(i32),
}

/// Commands in an order in which each one succeeds, whatever becomes of its output.
fn commands(old_kid: &str) -> Vec<(Vec<&str>, Effect)> {
    use Effect::{Change, Fails, Nothing};
    let table: [(&[&str], Effect); 28] = [
        (&["user", "create", "ada", "--password-stdin"], Change),
        (&["user", "create", "ada", "--password-stdin"], Fails(1)),
        (&["user", "show", "ada"], Nothing),
        (&["user", "show", "ada", "--json"], Nothing),
        (&["user", "list"], Nothing),
        (&["user", "list", "--limit", "1"], Nothing),
        (&["user", "disable", "ada"], Change),
        (&["user", "enable", "ada", "--json"], Change),
        (&["user", "roles", "ada", "--set", "a,b"], Change),
        (&["user", "roles", "ada"], Nothing),
        (&["user", "set-password", "ada", "--password-stdin"], Change),
        (&["session", "list", "ada"], Nothing),
        (&["session", "revoke", "ada", "missing"], Fails(1)),
        (&["session", "revoke", "ada", "--all", "--yes"], Change),
        (&["user", "rename", "ada", "bob"], Change),
        (&["user", "delete", "bob"], Fails(2)),
        (&["user", "delete", "bob", "--yes"], Change),
        (&["key", "rotate"], Change),
        (&["key", "public", "--sam"], Nothing),
        (&["key", "rotate"], Fails(1)),
        (&["key", "rotate", "--force", "--yes"], Change),
        (&["key", "retire", old_kid, "--force", "--yes"], Change),
        (&["key", "rotate", "--leaked", "--yes"], Change),
        (&["--help"], Nothing),
        (&["--version"], Nothing),
        (&["completions", "bash"], Nothing),
        (&["man", "user"], Nothing),
        (&["nonsense"], Fails(2)),
    ];
    table
        .map(|(arguments, effect)| (arguments.to_vec(), effect))
        .into()
}

#[test]
fn no_command_panics_and_every_change_is_made() {
    for stdout in [Sink::Read, Sink::ClosedPipe, Sink::Full] {
        for stderr in [Sink::Read, Sink::ClosedPipe, Sink::Full] {
            let state = State::new();
            let kid = state.json(&["key", "generate"], "")["signing_kid"].clone();
            state.create("eve");
            for (arguments, effect) in commands(kid.as_str().unwrap()) {
                let before = state.events().len();
                let output = run(&state, &arguments, stdout, stderr);
                let what = format!("{arguments:?}, stdout {stdout:?}, stderr {stderr:?}: {output:?}");
                let expected = match effect {
                    Effect::Fails(code) => code,
                    _ if stdout == Sink::Full => 74,
                    _ => 0,
                };
                assert_eq!(output.status.code(), Some(expected), "{what}");
                let changes = usize::from(effect == Effect::Change);
                assert_eq!(state.events().len() - before, changes, "{what}");
                if stderr == Sink::Read {
                    let error = String::from_utf8(output.stderr).unwrap();
                    let unprinted = "cannot write to standard output: No space left on device";
                    assert_eq!(error.contains(unprinted), expected == 74, "{what}");
                    let made = error.contains("the change was made, but its result was not printed");
                    assert_eq!(made, expected == 74 && effect == Effect::Change, "{what}");
                }
            }
        }
    }
}

/// Waits until the process handles Ctrl-C, which is after it has printed that it is ready.
fn wait_for_the_handler(server: &mut Child) {
    const SIGINT: u64 = 1 << 1;
    let status = format!("/proc/{}/status", server.id());
    loop {
        assert!(server.try_wait().unwrap().is_none(), "it has ended");
        let text = std::fs::read_to_string(&status).unwrap();
        let caught = text
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))
            .unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & SIGINT != 0 {
            return;
        }
        std::thread::yield_now();
    }
}

fn interrupt(mut server: Child) -> ExitStatus {
    let id = server.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    server.wait().unwrap()
}

/// `serve | head`: the server keeps running, and stops when it is told to.
#[test]
fn a_server_continues_without_a_reader() {
    for arguments in [&["serve", "--port", "0"][..], &["dynamodb"]] {
        for (stdout, stderr) in [
            (Sink::ClosedPipe, Sink::Read),
            (Sink::ClosedPipe, Sink::ClosedPipe),
            (Sink::Full, Sink::Read),
            (Sink::Full, Sink::Full),
        ] {
            let state = State::new();
            let mut command = state.command(&[arguments, &["--dynamodb-port", "0"]].concat());
            let mut server = command
                .stdout(stdout.stdio())
                .stderr(stderr.stdio())
                .spawn()
                .unwrap();
            wait_for_the_handler(&mut server);
            state.json(&["user", "show", "demo"], "");
            let errors = server.stderr.take();
            let status = interrupt(server);
            assert!(
                status.success(),
                "{arguments:?}, {stdout:?}, {stderr:?}: {status}"
            );
            if let Some(mut errors) = errors {
                let mut text = String::new();
                errors.read_to_string(&mut text).unwrap();
                assert_eq!(
                    text.contains("cannot write to standard output"),
                    stdout == Sink::Full,
                    "{text}"
                );
            }
        }
    }
}

/// Each request writes a line to the log.
#[tokio::test]
async fn serve_continues_when_its_log_cannot_be_written() {
    for stderr in [Sink::ClosedPipe, Sink::Full] {
        let state = State::new();
        let mut command = state.command(&["serve", "--port", "0", "--dynamodb-port", "0"]);
        let mut serve = command.stderr(stderr.stdio()).spawn().unwrap();
        let mut lines = BufReader::new(serve.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let page = lines.by_ref().find(|line| line.starts_with("  page ")).unwrap();
        let base = page
            .split_whitespace()
            .last()
            .unwrap()
            .trim_end_matches('/')
            .to_owned();
        wait_for_the_handler(&mut serve);
        for _ in 0..3 {
            let me = Browser::new(&base).get("/auth/me").await;
            assert_eq!(me.outcome(), "401 not_logged_in", "{stderr:?}");
        }
        assert!(interrupt(serve).success(), "{stderr:?}");
    }
}
