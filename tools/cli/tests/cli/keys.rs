//! Signing keys in the state directory.

use std::fs;

use serde_json::{Value, json};

use super::State;

/// Stored keys as they would be if the last step had been taken this many seconds earlier.
pub(crate) fn aged(json: &str, seconds: u64) -> String {
    let mut set: Value = serde_json::from_str(json).unwrap();
    for member in ["since", "not_before"] {
        let time = &mut set["rotation"][member];
        *time = json!(time.as_u64().unwrap() - seconds);
    }
    set.to_string()
}

fn age(state: &State, seconds: u64) {
    let file = state.0.join("signing-keys.json");
    let json = aged(&fs::read_to_string(&file).unwrap(), seconds);
    fs::write(file, json).unwrap();
}

pub(crate) const IDLE: u64 = 2_592_000;
/// For the deployment of each step.
pub(crate) const DEPLOYMENT: u64 = 300;

pub(crate) fn kids(output: &Value) -> Vec<&str> {
    let keys = output["verifying_keys"]["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap()).collect()
}

#[test]
fn local_keys_are_published_then_sign_and_then_replace_the_old_ones() {
    let state = State::new();
    let first = state.json(&["key", "generate"], "");
    let old = first["signing_kid"].as_str().unwrap();
    assert_eq!(first["rotation"], Value::Null);
    let failure = state.failure(&["key", "generate"], "");
    assert!(failure.contains("there are keys already: replace them with `gatecrumb key rotate`"));

    let published = state.json(&["key", "rotate"], "");
    assert_eq!(published["signing_kid"], old, "a new key does not sign yet");
    let new = published["rotation"]["kid"].as_str().unwrap();
    assert_eq!(kids(&published), [old, new]);
    let rotation = &published["rotation"];
    assert_eq!(
        (&rotation["stage"], &rotation["next_step"]),
        (&json!("published"), &json!("sign"))
    );
    assert_eq!(state.json(&["key", "public"], "")["rotation"], *rotation);

    age(&state, 598);
    let failure = state.failure(&["key", "rotate"], "");
    let early = format!("gatecrumb: it is too early to sign with {new}: ");
    assert!(
        failure.starts_with(&early) && failure.lines().count() == 1,
        "{failure}"
    );
    for (arguments, message) in [
        (
            &["key", "retire", old][..],
            "this is the signing key: run `gatecrumb key rotate` first",
        ),
        (
            &["key", "retire", "another"],
            "no such key: another (list them with `gatecrumb key public`)",
        ),
        (
            &["key", "rotate", "--signing-kid", new],
            "--signing-kid requires --secret",
        ),
        (
            &["key", "rotate", "--jwks-cache-seconds", "9"],
            "JWKS_CACHE_SECONDS is \"9\": set it to a whole number from 300",
        ),
        (
            &["key", "rotate", "--session-idle-seconds", "1h"],
            "SESSION_IDLE_SECONDS is \"1h\": set it to a whole number",
        ),
        (
            &["key", "rotate", "--jwks-cache-seconds", "900"],
            "it is too early to sign",
        ),
        (&["key", "rotate", "--leaked", "--force"], "cannot be used with"),
    ] {
        let failure = state.failure(arguments, "");
        assert!(failure.contains(message), "{arguments:?}: {failure}");
    }

    age(&state, 2);
    let signing = state.json(&["key", "rotate"], "");
    assert_eq!(signing["signing_kid"], new);
    assert_eq!(kids(&signing), [old, new], "tokens of the old key are in use");
    assert_eq!(signing["rotation"]["next_step"], "retire");
    age(&state, IDLE + DEPLOYMENT - 60);
    for arguments in [&["key", "rotate", "--yes"][..], &["key", "retire", old, "--yes"]] {
        let failure = state.failure(arguments, "");
        let early = format!("it is too early to retire {old}: ");
        assert!(
            failure.contains(&early) && failure.contains("SESSION_IDLE_SECONDS=2592000"),
            "{failure}"
        );
    }
    age(&state, 60);
    let longer = state.failure(
        &["key", "rotate", "--yes", "--session-idle-seconds", "2592060"],
        "",
    );
    assert!(longer.contains("too early"), "{longer}");
    let failure = state.failure(&["key", "rotate"], "");
    assert!(
        failure.contains(&format!(
            "this will remove the key {old}, whose tokens are then refused"
        )),
        "{failure}"
    );
    let retired = state.json(&["key", "rotate", "--yes"], "");
    assert_eq!((kids(&retired), &retired["rotation"]), (vec![new], &Value::Null));
    assert!(
        state
            .failure(&["key", "retire", new], "")
            .contains("this is the only key: run `gatecrumb key rotate` first")
    );
    assert_eq!(
        state.events(),
        ["key_generated", "key_published", "key_rotated", "key_retired"]
    );

    let public = state.json(&["key", "public"], "");
    assert!(!public.to_string().contains("\"d\""));
    let issuer = public["issuer"].as_str().unwrap();
    assert!(issuer.starts_with("gatecrumb-local-"), "{issuer}");
    assert_eq!(
        state.json(&["key", "public"], "")["issuer"],
        issuer,
        "the issuer does not change"
    );
}

/// As the version before the stages wrote them: after `key rotate`, which let the new key sign at once.
#[test]
fn local_keys_without_stages_are_read_and_wait_from_the_next_call_on() {
    let state = State::new();
    state.json(&["key", "generate"], "");
    state.json(&["key", "rotate"], "");
    let signing = state.json(&["key", "rotate", "--force", "--yes"], "");
    let file = state.0.join("signing-keys.json");
    let mut old: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    old.as_object_mut().unwrap().remove("rotation");
    fs::write(&file, old.to_string()).unwrap();
    let public = state.json(&["key", "public"], "");
    assert_eq!(public["verifying_keys"], signing["verifying_keys"]);
    let retired = state.failure(&["key", "retire", kids(&signing)[0]], "");
    assert!(retired.contains("it is not recorded since when"), "{retired}");
    let recorded = state.json(&["key", "rotate"], "");
    assert_eq!(recorded["rotation"]["stage"], "signing");
    assert_eq!(recorded["signing_kid"], signing["signing_kid"]);
    assert!(
        state
            .failure(&["key", "rotate"], "")
            .contains("too early to retire")
    );
    age(&state, IDLE + DEPLOYMENT);
    assert_eq!(kids(&state.json(&["key", "rotate", "--yes"], "")).len(), 1);
    let forced = state.audit_log();
    assert!(forced[2]["forced"] == true && forced[3]["event"] == "key_stage_recorded");
}

#[test]
fn a_damaged_key_file_says_what_to_change() {
    let state = State::new();
    state.json(&["key", "generate"], "");
    let file = state.0.join("signing-keys.json");
    let good = fs::read_to_string(&file).unwrap();
    let mut other: Value = serde_json::from_str(&good).unwrap();
    other["signing_kid"] = json!("other");
    for (content, message) in [
        (
            other.to_string(),
            "has a signing_kid that names none of its keys: set it to the kid of the key that signs",
        ),
        (
            good.replacen('{', "{\"rotation\":1,", 1),
            "remove the member rotation",
        ),
        ("{}".to_owned(), "is not a JWK Set"),
    ] {
        fs::write(&file, content).unwrap();
        for command in ["public", "rotate"] {
            let failure = state.failure(&["key", command], "");
            assert!(
                failure.contains(message)
                    && failure.contains("signing-keys.json")
                    && !failure.contains("\"d\""),
                "{failure}"
            );
        }
    }
}
