//! Users, and what is said of wrong commands.

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
    assert_eq!(
        state.json(&["user", "roles", "ada", "reader"], "")["roles"],
        json!(["reader"])
    );
    assert_eq!(state.json(&["user", "roles", "ada"], "")["roles"], json!([]));
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
        "gatecrumb: nobody signs in as ada\n"
    );

    assert!(state.failure(&["user", "delete", "ada.l"], "").contains("--yes"));
    assert_eq!(
        state.json(&["user", "delete", "ada.l", "--yes"], "")["id"],
        created["id"]
    );
    assert!(
        state
            .failure(&["user", "show", "ada.l"], "")
            .contains("nobody signs in as ada.l")
    );
}

#[test]
fn what_is_wrong_is_said() {
    let state = State::new();
    state.create("ada");
    state.create("bob");
    for (arguments, input, said) in [
        (
            &["user", "create", "ADA", "--password-stdin"][..],
            PASSWORD,
            "the username is taken",
        ),
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
            "--name takes",
        ),
        (&["user", "rename", "ada", "bob"], "", "the username is taken"),
        (&["user", "disable", "nobody"], "", "nobody signs in as nobody"),
        (&["session", "revoke", "ada"], "", "required"),
        (
            &["session", "revoke", "ada", "missing"],
            "",
            "ada has no session missing",
        ),
        (&["key", "rotate"], "", "there are no local keys yet"),
    ] {
        let failure = state.failure(arguments, input);
        assert!(failure.contains(said), "{arguments:?}: {failure}");
        assert!(!failure.contains(PASSWORD));
    }
}

#[test]
fn a_new_hash_costs_what_the_deployment_says() {
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

    // Within the functions' own bounds, and before the password is read.
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
fn a_byte_order_mark_and_blanks_around_a_name_are_no_part_of_them() {
    let state = State::new();
    let created = state.json(
        &["user", "create", "\u{feff}Ada ", "--password-stdin"],
        &format!("\u{feff}{PASSWORD}\r\n"),
    );
    assert_eq!(created["username"], "ada");
    assert_eq!(state.json(&["user", "show", " ada\u{a0}"], ""), created);
    // Seven characters beside the mark.
    let failure = state.failure(
        &["user", "create", "eve", "--password-stdin"],
        "\u{feff}1q9-zk7\n",
    );
    assert!(failure.contains("at least 8 characters"), "{failure}");
}
