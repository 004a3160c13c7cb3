//! Help, examples, manual pages, completions and the version, for every command.

use std::path::Path;

use clap::{Command, CommandFactory as _, Parser as _};
use gatecrumb::cli::Arguments;

use super::State;

/// Every command that runs something, with its words, such as `["user", "create"]`.
fn commands() -> Vec<(Vec<String>, Command)> {
    fn collect(words: &[String], command: &Command, found: &mut Vec<(Vec<String>, Command)>) {
        let mut children = command
            .get_subcommands()
            .filter(|child| child.get_name() != "help")
            .peekable();
        if children.peek().is_none() {
            found.push((words.to_vec(), command.clone()));
        }
        for child in children {
            collect(&[words, &[child.get_name().to_owned()]].concat(), child, found);
        }
    }
    let mut root = Arguments::command();
    root.build();
    let mut found = Vec::new();
    collect(&[], &root, &mut found);
    assert!(found.len() > 15);
    found
}

/// The arguments of an example: its words up to a redirection or an explanation.
fn arguments(example: &str) -> Vec<&str> {
    let command = example.trim().split("   ").next().unwrap();
    let words = command.split_whitespace();
    words.take_while(|word| !matches!(*word, ">" | "<")).collect()
}

#[test]
fn every_command_has_examples_that_can_be_run() {
    for (words, command) in commands() {
        let help = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let examples = help.strip_prefix("Examples:\n").unwrap_or_default();
        let examples: Vec<&str> = examples
            .lines()
            .take_while(|line| line.starts_with("  "))
            .collect();
        assert!(!examples.is_empty(), "{words:?} has no examples");
        for example in examples {
            let arguments = arguments(example);
            let name = [&["gatecrumb".to_owned()], &words[..]].concat();
            assert_eq!(arguments[..name.len()], name, "{example}");
            if let Err(error) = Arguments::try_parse_from(&arguments) {
                panic!("{example}: {error}");
            }
        }
    }
}

#[test]
fn usage_lists_arguments_in_the_order_in_which_they_are_given() {
    for (words, mut command) in commands() {
        let usage = command.render_usage().to_string();
        for line in usage.lines() {
            let places: Vec<usize> = command
                .get_positionals()
                .filter_map(|argument| line.find(&argument.get_value_names()?[0].to_string()))
                .collect();
            assert!(places.is_sorted(), "{words:?}: {line}");
        }
        // An option that takes no value, such as --all, stays visible.
        assert!(usage.contains(words.last().unwrap().as_str()), "{usage}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let state = State::new();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        command.args(arguments).env_clear().output().unwrap()
    };
    for (words, _) in commands() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = run(&[&["man"], &words[..]].concat());
        let page = String::from_utf8(output.stdout).unwrap();
        let title = format!(".TH gatecrumb-{} 1", words.join("-"));
        assert!(page.contains(&title), "{words:?}: {page}");
        assert!(page.contains("Examples:"), "{words:?}: {page}");
    }
    let root = String::from_utf8(run(&["man"]).stdout).unwrap();
    assert!(
        root.contains(".TH gatecrumb 1") && root.contains("Exit codes:"),
        "{root}"
    );

    let missing = run(&["man", "user", "nope"]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(missing.stderr).unwrap(),
        "gatecrumb: gatecrumb user has no command nope: `gatecrumb user --help` lists them\n"
    );

    let written = run(&["man", "--out", state.0.to_str().unwrap()]);
    assert!(written.status.success(), "{written:?}");
    for (words, _) in commands() {
        let page = state.0.join(format!("gatecrumb-{}.1", words.join("-")));
        assert!(page.exists(), "{}", page.display());
    }
}

#[test]
fn each_shell_gets_completions_of_all_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        let output = command.args(["completions", shell]).env_clear().output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        for (words, _) in commands() {
            let name = words.last().unwrap();
            assert!(script.contains(name.as_str()), "{shell} does not complete {name}");
        }
    }
}

/// The commit, where the build knows it.
#[test]
fn the_version_names_the_commit() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
    let output = command.arg("--version").env_clear().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let version = text.trim_end().strip_prefix("gatecrumb ").unwrap();
    let rest = version.strip_prefix(env!("CARGO_PKG_VERSION")).unwrap();
    let commit = rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')'));
    match commit {
        Some(commit) => {
            assert_eq!(commit.len(), 12);
            assert!(commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{text}");
        }
        None => assert_eq!(rest, ""),
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let git = std::process::Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(&root)
        .output();
    if root.join(".git").exists()
        && let Some(head) = git.ok().filter(|git| git.status.success())
    {
        let head = String::from_utf8(head.stdout).unwrap();
        assert_eq!(commit, Some(&head[..12]), "the commit of this checkout");
    }
}

/// `docs/cli.md` is written by hand: it names every command and every exit code of the help.
#[test]
fn the_documentation_names_every_command_and_exit_code() {
    let page = include_str!("../../../../docs/cli.md");
    for (words, _) in commands() {
        let name = format!("`{}`", words.join(" "));
        assert!(page.contains(&name), "docs/cli.md lacks {name}");
    }
    let help = Arguments::command().get_after_help().unwrap().to_string();
    let codes = help.strip_prefix("Exit codes:\n").unwrap();
    for code in codes.lines().map(|line| line.split_whitespace().next().unwrap()) {
        assert!(
            page.contains(&format!("\n| {code} |")),
            "docs/cli.md lacks exit code {code}"
        );
    }
}
