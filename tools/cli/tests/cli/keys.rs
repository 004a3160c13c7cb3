//! Signing keys, in the state directory and in Secrets Manager.

use std::{collections::HashMap, process::Command};

use gatecrumb_testkit::secrets::SecretsManager;
use serde_json::Value;

use super::State;

#[test]
fn keys_are_created_rotated_and_retired_and_never_printed() {
    let state = State::new();
    let first = state.json(&["key", "generate"], "");
    assert!(
        state
            .failure(&["key", "generate"], "")
            .contains("there are keys already")
    );
    let second = state.json(&["key", "rotate"], "");
    let kid = |output: &Value| output["signing_kid"].as_str().unwrap().to_owned();
    assert_ne!(kid(&first), kid(&second));
    assert_eq!(second["verifying_keys"]["keys"].as_array().unwrap().len(), 2);
    assert!(
        state
            .failure(&["key", "retire", &kid(&second)], "")
            .contains("this is the signing key: run `gatecrumb key rotate` first")
    );
    assert!(
        state
            .failure(&["key", "retire", "another"], "")
            .contains("no such key: another")
    );
    state.json(&["key", "retire", &kid(&first), "--yes"], "");
    let public = state.json(&["key", "public"], "");
    assert_eq!(public["verifying_keys"]["keys"][0]["kid"], kid(&second));
    assert!(!public.to_string().contains("\"d\""));
    let issuer = public["issuer"].as_str().unwrap();
    assert!(issuer.starts_with("gatecrumb-local-"), "{issuer}");
    assert_eq!(
        state.json(&["key", "public"], "")["issuer"],
        issuer,
        "the issuer does not change"
    );
    assert!(
        state
            .failure(&["key", "retire", &kid(&second)], "")
            .contains("this is the signing key: run `gatecrumb key rotate` first")
    );
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
    let kids = |output: &Value| -> Vec<Value> {
        let keys = output["verifying_keys"]["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].clone()).collect()
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
    let first = created["signing_kid"].clone();
    assert_eq!(kids(&created), std::slice::from_ref(&first));
    assert!(
        key(&["generate"])
            .await
            .contains("secret gatecrumb exists already: add a key to it with `gatecrumb key rotate`")
    );
    let stored: Value = serde_json::from_str(&manager.get("gatecrumb").unwrap()).unwrap();
    assert!(stored["keys"][0]["d"].is_string());

    let rotated = json(key(&["rotate", "--json"]).await);
    let second = rotated["signing_kid"].clone();
    assert_eq!(kids(&rotated), [first.clone(), second.clone()]);
    assert_eq!(
        kids(&json(key(&["public", "--json"]).await)),
        [first.clone(), second.clone()]
    );
    let retired = json(key(&["retire", first.as_str().unwrap(), "--yes", "--json"]).await);
    assert_eq!(kids(&retired), std::slice::from_ref(&second));
    assert!(
        key(&["retire", second.as_str().unwrap()])
            .await
            .contains("this is the only key: run `gatecrumb key rotate` first")
    );
    let parameters: HashMap<String, String> =
        serde_yaml_ng::from_str(&key(&["public", "--sam"]).await).unwrap();
    assert_eq!(
        json(parameters["VerifyingKeys"].clone()),
        retired["verifying_keys"]
    );
    // A new key is published before it signs.
    let next = key(&["rotate", "--sam"]).await;
    assert!(next.contains("\n# SigningKid: ") && !next.contains("\nSigningKid: "));
    assert_eq!(
        state.events(),
        ["key_generated", "key_rotated", "key_retired", "key_rotated"]
    );
    assert!(state.audit_log().iter().all(|line| line["target"] == "gatecrumb"));
    manager.put("gatecrumb", "no keys at all");
    assert!(key(&["public"]).await.contains("JWK Set"));
}
