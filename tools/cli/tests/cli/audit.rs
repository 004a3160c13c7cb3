//! The audit log.

use serde_json::json;

use super::State;

#[test]
fn every_change_is_in_the_audit_log_and_no_look() {
    let state = State::new();
    let ada = state.create("ada");
    state.json(&["user", "show", "ada"], "");
    state.json(&["user", "disable", "ada"], "");
    state.json(&["user", "enable", "ada"], "");
    state.json(&["user", "roles", "ada", "admin"], "");
    state.json(
        &["user", "set-password", "ada", "--password-stdin"],
        "another password of mine",
    );
    state.json(&["session", "list", "ada"], "");
    state.json(&["session", "revoke", "ada", "--all"], "");
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
            "key_rotated",
        ]
    );
    let trail = state.trail();
    for line in &trail {
        assert_eq!(
            (&line["target"], &line["outcome"]),
            (&json!("local"), &json!("success"))
        );
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(trail[0]["user"], ada["id"]);
    assert_eq!(trail[6]["username"], "lovelace");
    assert_eq!(trail[9]["kid"], rotated["signing_kid"]);
}
