use gatecrumb_auth::{
    Client,
    audit::{Action, Device, Subject, record},
};
use serde_json::json;
use tracing::Level;

use crate::log::{self, Line};

const LOGGING_MD: &str = include_str!("../../../../docs/logging.md");

const ACTIONS: [(Action, &str, &str, Level); 9] = [
    (Action::SignedIn, "signed_in", "success", Level::INFO),
    (Action::SignInFailed, "sign_in_failed", "refused", Level::INFO),
    (
        Action::SignInThrottled,
        "sign_in_throttled",
        "refused",
        Level::INFO,
    ),
    (Action::SignInDisabled, "sign_in_disabled", "refused", Level::INFO),
    (Action::Refreshed, "refreshed", "success", Level::INFO),
    (
        Action::RefreshRepeated,
        "refresh_repeated",
        "success",
        Level::WARN,
    ),
    (Action::SessionReused, "session_reused", "refused", Level::WARN),
    (Action::SignedOut, "signed_out", "success", Level::INFO),
    (
        Action::SignedOutEverywhere,
        "signed_out_everywhere",
        "success",
        Level::INFO,
    ),
];

/// Records the action and returns its log line.
fn line(client: &Client, action: Action, subject: Subject<'_>) -> Line {
    log::capture();
    record(client, action, subject);
    let mut lines = log::take();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

#[test]
fn every_action_is_one_line_as_documented() {
    for (action, event, outcome, level) in ACTIONS {
        let line = line(&Client::default(), action, Subject::default());
        assert_eq!(line.level, level, "{event}");
        // Unknown values are absent, not empty.
        let expected = json!({ "event": event, "audit": true, "outcome": outcome });
        assert_eq!(line.fields, expected);
        let documented = LOGGING_MD.lines().any(|row| {
            row.starts_with(&format!("| `{event}` | {outcome} | ")) && row.ends_with(&format!(" | {level} |"))
        });
        assert!(documented, "docs/logging.md lacks {event}, {outcome}, {level}");
    }
}

#[test]
fn every_known_value_has_a_documented_field() {
    let client = Client {
        address: Some("2001:db8::1".parse().unwrap()),
        user_agent: Some("browser".to_owned()),
    };
    let (user, session) = ("user".parse().unwrap(), "session".parse().unwrap());
    let subject = Subject {
        user: Some(&user),
        name_hash: Some("pseudonym"),
        session: Some(&session),
        device: Some(Device::Known),
    };
    let fields = line(&client, Action::SignedIn, subject).fields;
    let expected = json!({
        "event": "signed_in",
        "audit": true,
        "outcome": "success",
        "user": "user",
        "name_hash": "pseudonym",
        // The first 8 bytes of the SHA-256 of `session`.
        "session": "3f3af1ecebbd1410",
        "device": "known",
        "address": "2001:db8::1",
        "user_agent": "browser",
    });
    assert_eq!(fields, expected);
    let beside_the_event = |field: &&String| !["event", "audit", "outcome"].contains(&field.as_str());
    for field in fields.as_object().unwrap().keys().filter(beside_the_event) {
        let row = format!("| `{field}` |");
        let is_documented = LOGGING_MD.lines().any(|line| line.starts_with(&row));
        assert!(is_documented, "docs/logging.md lacks the field {field}");
    }
}

#[test]
fn a_device_is_known_or_new() {
    for (device, expected) in [(Device::Known, "known"), (Device::New, "new")] {
        let subject = Subject {
            device: Some(device),
            ..Subject::default()
        };
        let line = line(&Client::default(), Action::SignInFailed, subject);
        assert_eq!(line.fields["device"], expected);
    }
}

#[test]
fn a_session_is_logged_only_as_a_fingerprint() {
    let (user, session) = ("user".parse().unwrap(), "a-session-id".parse().unwrap());
    let line = line(
        &Client::default(),
        Action::Refreshed,
        Subject::session(&user, &session),
    );
    let expected = json!({
        "event": "refreshed",
        "audit": true,
        "outcome": "success",
        "user": "user",
        "session": session.fingerprint(),
    });
    assert_eq!(line.fields, expected);
    assert!(!line.fields.to_string().contains("a-session-id"));
}
