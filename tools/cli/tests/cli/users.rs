//! Users, and the errors of invalid commands.

use std::io::Write as _;

use serde_json::json;

use super::{PASSWORD, State};

#[test]
fn a_user_is_created_shown_changed_renamed_and_deleted() {
    let state = State::new();
    let options = [
        "--email",
        "ada@example.com",
        "--name",
        "Ada L.",
        "--role",
        "admin",
        "--role",
        "reader",
    ];
    let create = [&["user", "create", "Ada", "--password-stdin"], &options[..]].concat();
    let created = state.json(&create, &format!("{PASSWORD}\n"));
    assert_eq!(created["username"], "ada");
    assert_eq!(
        (&created["email"], &created["name"]),
        (&json!("ada@example.com"), &json!("Ada L."))
    );
    assert_eq!(
        (&created["roles"], &created["active"]),
        (&json!(["admin", "reader"]), &json!(true))
    );
    assert_eq!(state.json(&["user", "show", "ADA"], ""), created);

    assert_eq!(state.json(&["user", "disable", "ada"], "")["active"], false);
    assert_eq!(state.json(&["user", "enable", "ada"], "")["session_epoch"], 1);
    for (options, roles) in [
        (&["--set", "reader,writer"][..], json!(["reader", "writer"])),
        (&[], json!(["reader", "writer"])),
        (&["--add", "admin,reader"], json!(["admin", "reader", "writer"])),
        (
            &["--remove", "reader", "--remove", "nothing", "--add", "editor"],
            json!(["admin", "editor", "writer"]),
        ),
        (&["--none"], json!([])),
    ] {
        let changed = state.json(&[&["user", "roles", "ada"], options].concat(), "");
        assert_eq!(changed["roles"], roles, "{options:?}");
    }
    let repassworded = state.json(
        &["user", "set-password", "ada", "--password-stdin"],
        "another password\r\n",
    );
    assert_eq!(repassworded["session_epoch"], 2);
    assert_eq!(
        state.json(&["user", "rename", "ada", "Ada.L"], "")["username"],
        "ada.l"
    );
    assert_eq!(
        state.failure(&["user", "show", "ada"], ""),
        "gatecrumb: no such user: ada (list them with `gatecrumb user list`)\n"
    );

    assert!(state.failure(&["user", "delete", "ada.l"], "").contains("--yes"));
    assert_eq!(
        state.json(&["user", "delete", "ada.l", "--yes"], "")["id"],
        created["id"]
    );
    assert!(
        state
            .failure(&["user", "show", "ada.l"], "")
            .contains("no such user: ada.l")
    );
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn an_error_says_what_is_wrong() {
    let state = State::new();
    state.create("ada");
    state.create("bob");
    for (arguments, input, message) in [
        (
            &["user", "create", "ADA", "--password-stdin"][..],
            PASSWORD,
            "the username ada is taken: choose another",
        ),
        // Before the prompts, and before standard input is read.
        (&["user", "create", "ada"], "", "the username ada is taken"),
        (
            &["user", "create", "ada", "--password-stdin"],
            "",
            "the username ada is taken",
        ),
        (&["user", "set-password", "nobody"], "", "no such user: nobody"),
        (
            &["user", "create", "a b", "--password-stdin"],
            PASSWORD,
            "a username is 1 to 254 bytes",
        ),
        (
            &["user", "create", "eve", "--password-stdin"],
            "short",
            "at least 8 characters",
        ),
        (&["user", "create", "eve"], PASSWORD, "use --password-stdin"),
        (
            &["user", "create", "eve", "--password-stdin"],
            "password123",
            "Choose another password",
        ),
        (
            &["user", "create", "hypatia.of.alexandria", "--password-stdin"],
            "Hypatia.of.alexandria1",
            "Choose another password",
        ),
        (
            &["user", "create", "eve", "--password-stdin", "--role", "a b"],
            PASSWORD,
            "a role is 1 to 32 characters",
        ),
        (
            &["user", "create", "eve", "--password-stdin", "--name", "a\nb"],
            PASSWORD,
            "--name is not valid",
        ),
        (&["user", "rename", "ada", "bob"], "", "the username bob is taken"),
        (
            &["user", "roles", "ada", "admin"],
            "",
            "unexpected argument 'admin'",
        ),
        (
            &["user", "roles", "ada", "--set", "a", "--none"],
            "",
            "cannot be used with",
        ),
        (
            &["user", "roles", "ada", "--set", "a", "--add", "b"],
            "",
            "cannot be used with",
        ),
        (
            &["user", "roles", "ada", "--none", "--remove", "b"],
            "",
            "cannot be used with",
        ),
        (
            &["user", "roles", "ada", "--set", ""],
            "",
            "a role is 1 to 32 characters",
        ),
        (&["user", "list", "--limit", "0"], "", "0 is not in 1..=1000"),
        (
            &["user", "list", "--prefix", "a b"],
            "",
            "a username is 1 to 254 bytes",
        ),
        (&["user", "delete", "nobody"], "", "no such user: nobody"),
        (
            &["session", "revoke", "nobody", "--all"],
            "",
            "no such user: nobody",
        ),
        (&["user", "disable", "nobody"], "", "no such user: nobody"),
        (&["session", "revoke", "ada"], "", "required"),
        (
            &["session", "revoke", "ada", "x", "--all"],
            "",
            "cannot be used with",
        ),
        (
            &["session", "revoke", "ada", "missing"],
            "",
            "ada has no session missing",
        ),
        (&["key", "rotate"], "", "there are no local keys yet"),
    ] {
        let failure = state.failure(arguments, input);
        assert!(failure.contains(message), "{arguments:?}: {failure}");
        assert!(!failure.contains(PASSWORD));
    }
}

/// What cannot be undone, once without and once with the confirmation.
#[test]
fn nothing_is_destroyed_without_a_confirmation() {
    let state = State::new();
    let ada = state.create("ada");
    let first = state.json(&["key", "generate"], "")["signing_kid"].clone();
    state.json(&["key", "rotate"], "");
    state.json(&["key", "rotate", "--force", "--yes"], "");
    let (all, public) = (["user", "show", "ada"], ["key", "public"]);
    for arguments in [
        &["session", "revoke", "ada", "--all"][..],
        &["user", "delete", "ada"],
        &["key", "retire", first.as_str().unwrap(), "--force"],
        &["key", "rotate", "--force"],
        &["key", "rotate", "--leaked"],
    ] {
        let before = (state.json(&all, ""), state.json(&public, ""), state.events());
        // Standard input is no terminal: its lines are no confirmation.
        let output = state.run(arguments, "y\n");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(
            message.starts_with("gatecrumb: this will ") && message.contains("add --yes to confirm"),
            "{message}"
        );
        assert_eq!(
            (state.json(&all, ""), state.json(&public, ""), state.events()),
            before,
            "{arguments:?}"
        );
    }
    state.json(&["session", "revoke", "ada", "--all", "--yes"], "");
    assert_eq!(state.json(&all, "")["session_epoch"], 1);
    assert_eq!(state.json(&["user", "delete", "ada", "-y"], "")["id"], ada["id"]);
    let retire = ["key", "retire", first.as_str().unwrap(), "--force", "--yes"];
    state.json(&retire, "");
    let leaked = state.json(&["key", "rotate", "--leaked", "--yes"], "");
    assert_eq!(leaked["verifying_keys"]["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn a_change_says_what_was_before() {
    let state = State::new();
    state.create("ada");
    let say = |arguments: &[&str]| String::from_utf8(state.run(arguments, "").stdout).unwrap();
    for (arguments, summary, lines) in [
        (
            &["user", "roles", "ada", "--add", "admin"][..],
            "changed the roles of ada: – → admin\n\n",
            &["roles        – → admin\n"][..],
        ),
        (
            &["user", "roles", "ada", "--set", "reader"],
            "changed the roles of ada: admin → reader\n\n",
            &["roles        admin → reader\n"],
        ),
        (
            &["user", "roles", "ada", "--add", "reader"],
            "nothing to change: ada has these roles\n\n",
            &["roles        reader\n"],
        ),
        (
            &["user", "disable", "ada"],
            "disabled ada and ended all sessions\n\n",
            &["may sign in  yes → no, disabled\n", "username     ada\n"],
        ),
        (
            &["user", "enable", "ada"],
            "enabled ada\n\n",
            &["may sign in  no, disabled → yes\n"],
        ),
        (
            &["user", "rename", "ada", "ada"],
            "nothing to change: the username is ada\n\n",
            &["username     ada\n"],
        ),
        (
            &["user", "rename", "ada", "lovelace"],
            "renamed ada to lovelace\n\n",
            &["username     ada → lovelace\n"],
        ),
        (
            &["session", "revoke", "lovelace", "--all", "--yes"],
            "ended all sessions of lovelace\n",
            &[],
        ),
        (
            &["user", "delete", "lovelace", "--yes"],
            "deleted lovelace and ended all sessions\n",
            &[],
        ),
    ] {
        let text = say(arguments);
        assert!(text.starts_with(summary), "{arguments:?}: {text}");
        for line in lines {
            assert!(text.contains(line), "{arguments:?}: {text}");
        }
    }
}

#[test]
fn a_new_hash_has_the_cost_of_the_deployment() {
    let state = State::new();
    let cost = [
        "--password-memory-kib",
        "8192",
        "--password-iterations",
        "3",
        "--password-parallelism",
        "2",
    ];
    let create = [&["user", "create", "ada", "--password-stdin"][..], &cost].concat();
    state.json(&create, PASSWORD);
    assert_eq!(state.stored_cost(), "m=8192,t=3,p=2");

    let state = State::new();
    state.create("ada");
    assert_eq!(state.stored_cost(), "m=19456,t=2,p=1");
    let mut command = state.command(&["user", "set-password", "ada", "--password-stdin"]);
    let variables = [
        ("PASSWORD_MEMORY_KIB", "7168"),
        ("PASSWORD_ITERATIONS", "5"),
        ("PASSWORD_PARALLELISM", ""),
    ];
    let mut child = command.envs(variables).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"another correct horse")
        .unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(state.stored_cost(), "m=7168,t=5,p=1");

    // The bounds are those of the functions. They are checked before the password is read.
    let failure = state.failure(
        &[
            "user",
            "create",
            "eve",
            "--password-stdin",
            "--password-memory-kib",
            "1",
        ],
        "",
    );
    assert!(
        failure.contains("PASSWORD_MEMORY_KIB is \"1\": set it to a whole number from 7168"),
        "{failure}"
    );
}

#[test]
fn a_byte_order_mark_and_white_space_around_a_name_are_ignored() {
    let state = State::new();
    let created = state.json(
        &["user", "create", "\u{feff}Ada ", "--password-stdin"],
        &format!("\u{feff}{PASSWORD}\r\n"),
    );
    assert_eq!(created["username"], "ada");
    assert_eq!(state.json(&["user", "show", " ada\u{a0}"], ""), created);
    // Seven characters and the mark.
    let failure = state.failure(
        &["user", "create", "eve", "--password-stdin"],
        "\u{feff}1q9-zk7\n",
    );
    assert!(failure.contains("at least 8 characters"), "{failure}");
}
