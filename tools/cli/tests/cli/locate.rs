//! Which state directory a command uses without `--state`, and what it says about it.

use std::fs;

use super::project::{Project, run_in, text};

#[test]
fn a_command_says_which_table_it_used_unless_that_is_obvious() {
    let project = Project::new();
    let folder = project.folder("src/deep");
    let state = project.state();
    let state = state.display();
    let create = |directory, name| {
        let output = run_in(directory, &["user", "create", name, "--password-stdin", "--json"]);
        assert!(output.status.success(), "{output:?}");
        // The note does not disturb scripts.
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
        text(output.stderr)
    };
    // A `serve` that keeps nothing has no part in it.
    let in_memory = project.serve(&["--memory"]);
    assert_eq!(
        create(&project.0, "ada"),
        format!(
            "gatecrumb: note: created {state} with a new table, on which no `gatecrumb serve` is running\n"
        )
    );
    let alone =
        format!("gatecrumb: note: using the table in {state}, on which no `gatecrumb serve` is running\n");
    assert_eq!(create(&project.0, "bob"), alone);
    assert_eq!(create(&folder, "eve"), alone);
    drop(in_memory);

    let serve = run_in(&folder, &["serve", "--port", "x"]);
    assert_eq!(serve.status.code(), Some(2));
    let _serve = project.serve(&[]);
    assert_eq!(create(&project.0, "obvious"), "");
    assert_eq!(
        create(&folder, "dan"),
        format!("gatecrumb: note: using the table in {state}\n")
    );
    let given = run_in(&folder, &["user", "show", "eve", "--state", "../../.gatecrumb"]);
    assert!(given.status.success() && given.stderr.is_empty(), "{given:?}");
    assert!(
        fs::read_dir(&folder).unwrap().next().is_none(),
        "nothing was created"
    );
}

#[test]
fn keys_say_where_they_are_unless_that_is_obvious() {
    let project = Project::new();
    let folder = project.folder("src");
    let state = project.state();
    let state = state.display();
    for (directory, command, note) in [
        (&project.0, "generate", format!("created {state} for the keys")),
        (&project.0, "public", String::new()),
        (&folder, "public", format!("using {state} for the keys")),
        (&folder, "rotate", format!("using {state} for the keys")),
    ] {
        let output = run_in(directory, &["key", command]);
        assert!(output.status.success(), "{output:?}");
        let said = text(output.stderr);
        assert_eq!(
            said.trim_start_matches("gatecrumb: note: ").trim_end(),
            note,
            "{command}"
        );
    }
    assert!(fs::read_dir(&folder).unwrap().next().is_none());
}

#[test]
fn serve_uses_the_directory_above() {
    let project = Project::new();
    let folder = project.folder("src");
    project.create("ada");
    let nested = Project(folder.clone());
    let serve = nested.serve(&[]);
    let kept = format!("kept in {}/", project.state().display());
    assert!(serve.line("DynamoDB").ends_with(&kept), "{:?}", serve.banner);
    assert!(!folder.join(".gatecrumb").exists());
}

#[test]
fn a_command_that_needs_an_existing_table_creates_nothing() {
    let project = Project::new();
    for arguments in [
        &["user", "show", "ada"][..],
        &["user", "disable", "ada"],
        &["user", "set-password", "ada", "--password-stdin"],
        &["user", "rename", "ada", "bob"],
        &["user", "delete", "ada", "--yes"],
        &["session", "list", "ada"],
        &["session", "revoke", "ada", "--all"],
        &["key", "public"],
        &["key", "rotate"],
    ] {
        for state in [&[][..], &["--state", "elsewhere"]] {
            let arguments = [arguments, state].concat();
            let failure = project.failure(&arguments);
            assert!(
                failure.starts_with("gatecrumb: there ") && failure.contains("reate one with `gatecrumb "),
                "{arguments:?}: {failure}"
            );
            assert!(
                fs::read_dir(&project.0).unwrap().next().is_none(),
                "{arguments:?}"
            );
        }
    }
    // An empty directory is no table either.
    project.folder(".gatecrumb");
    assert!(
        project
            .failure(&["user", "show", "ada"])
            .contains("no local table yet")
    );
    assert!(!project.state().join("dynamodb.sqlite").exists());
}

#[test]
fn git_ignores_the_state_directory_but_never_a_project() {
    let project = Project::new();
    project.create("ada");
    let ignored = project.state().join(".gitignore");
    assert_eq!(fs::read_to_string(ignored).unwrap(), "*\n");

    let project = Project::new();
    fs::write(project.0.join("README.md"), "A project.").unwrap();
    let state = ["--state", "."];
    let output = project.run(&[&["user", "create", "ada", "--password-stdin"], &state[..]].concat());
    assert!(output.status.success(), "{output:?}");
    assert!(!project.0.join(".gitignore").exists());
}

#[test]
fn a_state_directory_beside_memory_is_refused() {
    let project = Project::new();
    for command in ["serve", "dynamodb"] {
        for option in ["--memory", "--fixtures"] {
            let output = project.run(&[command, option, "--state", "data"]);
            assert_eq!(output.status.code(), Some(2), "{command} {option}");
            assert!(text(output.stderr).contains("cannot be used with"));
        }
    }
}
