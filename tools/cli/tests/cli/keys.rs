//! Signing keys, in the state directory and in Secrets Manager.

use std::{collections::HashMap, fs, process::Command};

use gatecrumb_testkit::secrets::SecretsManager;
use gatecrumb_tokens::SigningKeys;
use serde_json::{Value, json};

use super::State;

/// Stored keys as they would be if the last step had been taken this many seconds earlier.
fn aged(json: &str, seconds: u64) -> String {
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

const IDLE: u64 = 2_592_000;
/// For the deployment of each step.
const DEPLOYMENT: u64 = 300;

fn kids(output: &Value) -> Vec<&str> {
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

#[tokio::test]
async fn signing_keys_in_secrets_manager_are_created_rotated_and_retired_and_never_printed() {
    let manager = SecretsManager::default();
    let endpoint = manager.serve().await;
    let state = State::new();
    let key = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        command.env_clear().envs([
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &endpoint),
        ]);
        command.args(["key", "--secret", "gatecrumb"]).args(arguments);
        command.arg("--state").arg(&state.0);
        let command = tokio::task::spawn_blocking(move || command.output().unwrap());
        async {
            let output = command.await.unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            let (stdout, stderr) = (text(output.stdout), text(output.stderr));
            assert!(!stdout.contains("\"d\"") && !stderr.contains("\"d\""));
            assert_eq!(output.status.success(), stderr.is_empty(), "{stdout}{stderr}");
            stdout + &stderr
        }
    };
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let age = |seconds: u64| {
        let set = manager.get("gatecrumb").unwrap();
        manager.put("gatecrumb", &aged(&set, seconds));
    };

    let missing = key(&["public"]).await;
    assert!(
        missing.contains("there is no secret gatecrumb in this account and region")
            && missing.contains("`gatecrumb key generate`"),
        "{missing}"
    );
    let created = json(key(&["generate", "--json"]).await);
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gatecrumb-AbCdEf";
    assert_eq!(created["secret_arn"], arn);
    let first = created["signing_kid"].as_str().unwrap();
    assert_eq!(kids(&created), [first]);
    assert!(
        key(&["generate"])
            .await
            .contains("secret gatecrumb exists already: add a key to it with `gatecrumb key rotate`")
    );
    let stored: Value = serde_json::from_str(&manager.get("gatecrumb").unwrap()).unwrap();
    assert!(stored["keys"][0]["d"].is_string());

    let published = key(&["rotate", "--sam"]).await;
    assert!(published.contains("# rotation: ") && published.contains("# added the key "));
    let parameters: HashMap<String, String> = serde_yaml_ng::from_str(&published).unwrap();
    assert_eq!(
        parameters["SigningKid"], first,
        "a new key is published before it signs"
    );
    let public = json(key(&["public", "--json"]).await);
    assert_eq!(
        json(parameters["VerifyingKeys"].clone()),
        public["verifying_keys"]
    );
    let second = public["rotation"]["kid"].as_str().unwrap();
    assert_eq!(kids(&public), [first, second]);
    let before = manager.get("gatecrumb").unwrap();
    assert!(key(&["rotate"]).await.contains("it is too early to sign"));
    assert_eq!(
        manager.get("gatecrumb").unwrap(),
        before,
        "a refused step changes nothing"
    );
    age(600);
    assert_eq!(json(key(&["rotate", "--json"]).await)["signing_kid"], second);
    assert!(
        key(&["rotate", "--yes"])
            .await
            .contains("it is too early to retire")
    );
    age(IDLE + DEPLOYMENT);
    let retired = json(key(&["rotate", "--yes", "--json"]).await);
    assert_eq!(kids(&retired), [second]);
    let only = key(&["retire", second]).await;
    assert!(only.contains("this is the only key: run `gatecrumb key rotate` first"));

    // A leak in the middle of a rotation.
    key(&["rotate"]).await;
    let leaked = json(key(&["rotate", "--leaked", "--json"]).await);
    let third = leaked["signing_kid"].as_str().unwrap();
    assert_eq!(kids(&leaked), [third]);
    let public = json(key(&["public", "--json"]).await);
    assert_eq!(kids(&public), [third], "a leaked key is never published again");
    assert_eq!(kids(&json(key(&["rotate", "--yes", "--json"]).await)), [third]);
    let stored: Value = serde_json::from_str(&manager.get("gatecrumb").unwrap()).unwrap();
    assert_eq!(stored["keys"].as_array().unwrap().len(), 1);

    // More than 16 keys would stop every start.
    for _ in 0..15 {
        key(&["rotate", "--leaked"]).await;
    }
    let before = manager.get("gatecrumb").unwrap();
    let many = key(&["rotate", "--leaked"]).await;
    assert!(
        many.contains("nothing was changed") && many.contains("must have 1 to 16 keys"),
        "{many}"
    );
    assert_eq!(manager.get("gatecrumb").unwrap(), before);
    key(&["rotate", "--yes"]).await;

    let events = state.events();
    assert_eq!(
        events[..4],
        ["key_generated", "key_published", "key_rotated", "key_retired"]
    );
    assert_eq!(
        events[4..8],
        ["key_published", "key_rotated", "key_retired", "key_retired"]
    );
    assert!(state.audit_log().iter().all(|line| line["target"] == "gatecrumb"));
    manager.put("gatecrumb", "no keys at all");
    assert!(key(&["public"]).await.contains("JWK Set"));

    // As earlier versions wrote it: without the key that signs.
    let mut keys = SigningKeys::from_seed([1; 32]);
    keys.extend(SigningKeys::from_seed([2; 32]));
    manager.put("gatecrumb", &keys.to_private_json());
    let (old, new) = (keys.kids().next().unwrap(), keys.kids().last().unwrap());
    let unsigned = json(key(&["public", "--json"]).await);
    assert_eq!(
        (kids(&unsigned), &unsigned["signing_kid"]),
        (vec![old, new], &Value::Null)
    );
    for arguments in [
        &["rotate"][..],
        &["rotate", "--leaked"],
        &["retire", old, "--force", "--yes"],
    ] {
        let failure = key(arguments).await;
        assert!(
            failure.contains("add --signing-kid with the SigningKid that is deployed"),
            "{failure}"
        );
    }
    let unknown = key(&["rotate", "--signing-kid", "x"]).await;
    assert!(
        unknown.contains("--signing-kid names no key of the secret gatecrumb"),
        "{unknown}"
    );
    let recorded = json(key(&["rotate", "--signing-kid", old, "--json"]).await);
    assert_eq!(
        (&recorded["signing_kid"], &recorded["rotation"]["kid"]),
        (&json!(old), &json!(new))
    );
    assert!(key(&["rotate"]).await.contains("it is too early to sign"));
}
