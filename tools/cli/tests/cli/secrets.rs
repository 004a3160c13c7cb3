//! Signing keys in Secrets Manager. No command prints a private part.

use std::{collections::HashMap, process::Command};

use gatecrumb_testkit::secrets::SecretsManager;
use gatecrumb_tokens::SigningKeys;
use serde_json::{Value, json};

use super::{
    State,
    keys::{DEPLOYMENT, IDLE, aged, kids},
};

struct Account {
    manager: SecretsManager,
    endpoint: String,
    state: State,
}

impl Account {
    async fn new() -> Self {
        let manager = SecretsManager::default();
        Self {
            endpoint: manager.serve().await,
            manager,
            state: State::new(),
        }
    }

    /// What the command prints on both streams.
    async fn key(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        command.env_clear().envs([
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &self.endpoint),
        ]);
        command.args(["key", "--secret", "gatecrumb"]).args(arguments);
        command.arg("--state").arg(&self.state.0);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        assert!(!stdout.contains("\"d\"") && !stderr.contains("\"d\""));
        assert_eq!(output.status.success(), stderr.is_empty(), "{stdout}{stderr}");
        stdout + &stderr
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        parse(&self.key(&[arguments, &["--json"]].concat()).await)
    }

    fn secret(&self) -> String {
        self.manager.get("gatecrumb").unwrap()
    }

    fn age(&self, seconds: u64) {
        self.manager.put("gatecrumb", &aged(&self.secret(), seconds));
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn keys_are_published_then_sign_and_then_replace_the_old_ones() {
    let account = Account::new().await;
    let missing = account.key(&["public"]).await;
    assert!(
        missing.contains("there is no secret gatecrumb in this account and region")
            && missing.contains("`gatecrumb key generate`"),
        "{missing}"
    );
    let created = account.json(&["generate"]).await;
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gatecrumb-AbCdEf";
    assert_eq!(created["secret_arn"], arn);
    let first = created["signing_kid"].as_str().unwrap();
    assert_eq!(kids(&created), [first]);
    assert!(
        account
            .key(&["generate"])
            .await
            .contains("secret gatecrumb exists already: add a key to it with `gatecrumb key rotate`")
    );
    let stored: Value = parse(&account.secret());
    assert!(stored["keys"][0]["d"].is_string());

    let published = account.key(&["rotate", "--sam"]).await;
    assert!(published.contains("# rotation: ") && published.contains("# added the key "));
    let parameters: HashMap<String, String> = serde_yaml_ng::from_str(&published).unwrap();
    assert_eq!(
        parameters["SigningKid"], first,
        "a new key is published before it signs"
    );
    let public = account.json(&["public"]).await;
    assert_eq!(parse(&parameters["VerifyingKeys"]), public["verifying_keys"]);
    let second = public["rotation"]["kid"].as_str().unwrap();
    assert_eq!(kids(&public), [first, second]);
    let before = account.secret();
    assert!(account.key(&["rotate"]).await.contains("it is too early to sign"));
    assert_eq!(account.secret(), before, "a refused step changes nothing");
    account.age(600);
    assert_eq!(account.json(&["rotate"]).await["signing_kid"], second);
    assert!(
        account
            .key(&["rotate", "--yes"])
            .await
            .contains("it is too early to retire")
    );
    account.age(IDLE + DEPLOYMENT);
    let retired = account.json(&["rotate", "--yes"]).await;
    assert_eq!(kids(&retired), [second]);
    let only = account.key(&["retire", second]).await;
    assert!(only.contains("this is the only key: run `gatecrumb key rotate` first"));
    assert_eq!(
        account.state.events(),
        ["key_generated", "key_published", "key_rotated", "key_retired"]
    );
    let log = account.state.audit_log();
    assert!(log.iter().all(|line| line["target"] == "gatecrumb"));
    account.manager.put("gatecrumb", "no keys at all");
    assert!(account.key(&["public"]).await.contains("JWK Set"));
}

#[tokio::test]
async fn leaked_keys_are_never_published_again() {
    let account = Account::new().await;
    account.key(&["generate"]).await;
    // In the middle of a rotation.
    account.key(&["rotate"]).await;
    let leaked = account.json(&["rotate", "--leaked"]).await;
    let third = leaked["signing_kid"].as_str().unwrap();
    assert_eq!(kids(&leaked), [third]);
    let public = account.json(&["public"]).await;
    assert_eq!(kids(&public), [third]);
    assert_eq!(kids(&account.json(&["rotate", "--yes"]).await), [third]);
    let stored: Value = parse(&account.secret());
    assert_eq!(stored["keys"].as_array().unwrap().len(), 1);

    // More than 16 keys would stop every start.
    for _ in 0..15 {
        account.key(&["rotate", "--leaked"]).await;
    }
    let before = account.secret();
    let many = account.key(&["rotate", "--leaked"]).await;
    assert!(
        many.contains("nothing was changed") && many.contains("must have 1 to 16 keys"),
        "{many}"
    );
    assert_eq!(account.secret(), before);
    account.key(&["rotate", "--yes"]).await;

    let events = account.state.events();
    assert_eq!(
        events[..5],
        [
            "key_generated",
            "key_published",
            "key_rotated",
            "key_retired",
            "key_retired"
        ]
    );
    assert_eq!(account.state.audit_log()[2]["leaked"], true);
}

#[tokio::test]
async fn a_secret_that_does_not_record_which_key_signs_is_completed() {
    let account = Account::new().await;
    let mut keys = SigningKeys::from_seed([1; 32]);
    keys.extend(SigningKeys::from_seed([2; 32]));
    account.manager.put("gatecrumb", &keys.to_private_json());
    let (old, new) = (keys.kids().next().unwrap(), keys.kids().last().unwrap());
    let unsigned = account.json(&["public"]).await;
    assert_eq!(
        (kids(&unsigned), &unsigned["signing_kid"]),
        (vec![old, new], &Value::Null)
    );
    for arguments in [
        &["rotate"][..],
        &["rotate", "--leaked"],
        &["retire", old, "--force", "--yes"],
    ] {
        let failure = account.key(arguments).await;
        assert!(
            failure.contains("add --signing-kid with the SigningKid that is deployed"),
            "{failure}"
        );
    }
    let unknown = account.key(&["rotate", "--signing-kid", "x"]).await;
    assert!(
        unknown.contains("--signing-kid names no key of the secret gatecrumb"),
        "{unknown}"
    );
    let recorded = account.json(&["rotate", "--signing-kid", old]).await;
    assert_eq!(
        (&recorded["signing_kid"], &recorded["rotation"]["kid"]),
        (&json!(old), &json!(new))
    );
    assert!(account.key(&["rotate"]).await.contains("it is too early to sign"));
}
