//! Prompts on a terminal. `script`, which every Linux has, provides one.

#![cfg(target_os = "linux")]

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use super::State;

/// Runs a command on a terminal, on which somebody types `input`. Returns what the terminal shows, and the exit code.
fn on_a_terminal(state: &State, arguments: &[&str], input: &str) -> (String, i32) {
    let program = env!("CARGO_BIN_EXE_gatecrumb");
    let command = format!(
        "'{program}' {} --state '{}'",
        arguments.join(" "),
        state.0.display()
    );
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    script.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    (shown, output.status.code().unwrap())
}

#[test]
fn a_command_that_destroys_prompts_and_only_yes_confirms() {
    let state = State::new();
    state.create("ada");
    let delete = ["user", "delete", "ada"];
    for answer in ["\n", "n\n", "nonsense\n"] {
        let (shown, code) = on_a_terminal(&state, &delete, answer);
        let prompt = "This will delete the user ada and end all sessions. Continue? [y/N] ";
        assert!(shown.contains(prompt), "{shown}");
        assert!(
            shown.contains("gatecrumb: not confirmed: nothing was changed"),
            "{shown}"
        );
        assert_eq!(code, 1);
        state.json(&["user", "show", "ada"], "");
    }
    let (shown, code) = on_a_terminal(&state, &delete, "y\n");
    assert!(shown.contains("deleted ada and ended all sessions"), "{shown}");
    assert_eq!(code, 0);
    // Nothing to confirm: the error comes before the prompt.
    let (shown, code) = on_a_terminal(&state, &delete, "y\n");
    assert!(
        shown.contains("no such user: ada") && !shown.contains("Continue?"),
        "{shown}"
    );
    assert_eq!(code, 1);
}

#[test]
fn a_taken_name_is_reported_before_the_password_is_typed() {
    let state = State::new();
    state.create("ada");
    // If there were prompts, these lines would answer them.
    let (shown, code) = on_a_terminal(&state, &["user", "create", "ADA"], "a\na\n");
    assert!(shown.contains("the username ada is taken"), "{shown}");
    assert!(!shown.contains("Password:"), "{shown}");
    assert_eq!(code, 1);
}
