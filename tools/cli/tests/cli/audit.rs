//! The audit log.

use serde_json::json;

use super::State;

#[test]
fn the_audit_log_has_every_change_and_nothing_else() {
    let state = State::new();
    let ada = state.create("ada");
    state.json(&["user", "show", "ada"], "");
    state.json(&["user", "disable", "ada"], "");
    state.json(&["user", "enable", "ada"], "");
    state.json(&["user", "roles", "ada", "--add", "admin"], "");
    state.json(&["user", "roles", "ada"], "");
    state.json(&["user", "roles", "ada", "--add", "admin"], "");
    state.json(&["user", "list"], "");
    state.json(
        &["user", "set-password", "ada", "--password-stdin"],
        "another password of mine",
    );
    state.json(&["session", "list", "ada"], "");
    state.json(&["session", "revoke", "ada", "--all", "--yes"], "");
    state.json(&["user", "rename", "ada", "lovelace"], "");
    state.failure(&["user", "disable", "nobody"], "");
    state.json(&["user", "delete", "lovelace", "--yes"], "");
    state.json(&["key", "generate"], "");
    let rotated = state.json(&["key", "rotate"], "");
    state.json(&["key", "public"], "");
    assert_eq!(
        state.events(),
        [
            "user_created",
            "user_disabled",
            "user_enabled",
            "user_roles_set",
            "user_password_set",
            "sessions_revoked",
            "user_renamed",
            "user_deleted",
            "key_generated",
            "key_published",
        ]
    );
    let lines = state.audit_log();
    for line in &lines {
        assert_eq!(
            (&line["target"], &line["outcome"]),
            (&json!("local"), &json!("success"))
        );
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(lines[0]["user"], ada["id"]);
    assert_eq!(lines[6]["username"], "lovelace");
    assert_eq!(lines[9]["kid"], rotated["rotation"]["kid"]);
}
