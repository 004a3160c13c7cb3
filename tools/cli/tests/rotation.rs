//! The documented ways to replace the signing key (`docs/deploy.md`): at every moment, a function can start.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

use std::{collections::HashMap, path::PathBuf};

use gatecrumb_runtime::{Host, config};
use gatecrumb_testkit::{function, secrets::SecretsManager};
use tokio::process::Command;

/// An AWS account: its secret, and the parameters that are deployed.
struct Account {
    manager: SecretsManager,
    endpoint: String,
    state: PathBuf,
    deployed: HashMap<String, String>,
}

impl Account {
    async fn new(name: &str) -> Self {
        let manager = SecretsManager::default();
        let endpoint = manager.serve().await;
        let state = std::env::temp_dir().join(format!("gatecrumb-{name}-{}", std::process::id()));
        let mut account = Self {
            manager,
            endpoint,
            state,
            deployed: HashMap::new(),
        };
        account.deployed = account.key(&["generate"]).await;
        account.starts().await;
        account
    }

    /// Runs `gatecrumb key --sam`. Returns the parameters that it prints.
    async fn key(&self, arguments: &[&str]) -> HashMap<String, String> {
        let output = Command::new(env!("CARGO_BIN_EXE_gatecrumb"))
            .env_clear()
            .envs([
                ("AWS_REGION", "eu-central-1"),
                ("AWS_ACCESS_KEY_ID", "local"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
                ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.endpoint.as_str()),
            ])
            .args(["key", "--secret", "gatecrumb", "--sam", "--state"])
            .arg(&self.state)
            .args(arguments)
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(self.manager.get("gatecrumb").is_some());
        serde_yaml_ng::from_slice(&output.stdout).unwrap()
    }

    /// Asserts that a function can start with the deployed parameters and the present secret.
    async fn starts(&self) {
        let changes = [
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.endpoint.as_str()),
            ("SIGNING_KEYS", ""),
            ("SIGNING_KEYS_SECRET", "gatecrumb"),
            ("SIGNING_KID", &self.deployed["SigningKid"]),
            ("VERIFYING_KEYS", &self.deployed["VerifyingKeys"]),
        ];
        let env = function::environment("http://127.0.0.1:9", &changes);
        let connection = config::aws::read(&env, &Host::lambda()).unwrap();
        let tokens = config::tokens::read(&env).unwrap();
        let signing = config::signing::read(&env).unwrap();
        if let Err(error) = signing.signer(&connection, &tokens).await {
            panic!("a cold start fails: {error}");
        }
    }

    /// Deploys these parameters. During the deployment, functions of either configuration can start.
    async fn deploy(&mut self, parameters: &[(&str, &str)]) {
        self.starts().await;
        let changes = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.deployed.extend(changes);
        self.starts().await;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

#[tokio::test]
async fn a_planned_rotation_has_no_gap() {
    let mut account = Account::new("planned").await;
    let old = account.deployed["SigningKid"].clone();
    let rotated = account.key(&["rotate"]).await;
    assert!(
        !rotated.contains_key("SigningKid"),
        "the new key is published before it signs"
    );
    account
        .deploy(&[("VerifyingKeys", &rotated["VerifyingKeys"])])
        .await;
    let keys: serde_json::Value = serde_json::from_str(&rotated["VerifyingKeys"]).unwrap();
    account
        .deploy(&[("SigningKid", keys["keys"][1]["kid"].as_str().unwrap())])
        .await;
    let retired = account.key(&["retire", &old, "--yes"]).await;
    account
        .deploy(&[("VerifyingKeys", &retired["VerifyingKeys"])])
        .await;
    assert!(!account.deployed["VerifyingKeys"].contains(&old));
}

#[tokio::test]
async fn a_leaked_key_is_replaced_without_a_gap_and_verifies_nothing_after_one_deployment() {
    let mut account = Account::new("leaked").await;
    let old = account.deployed["SigningKid"].clone();
    let rotated = account.key(&["rotate", "--leaked"]).await;
    account
        .deploy(&[
            ("SigningKid", &rotated["SigningKid"]),
            ("VerifyingKeys", &rotated["VerifyingKeys"]),
        ])
        .await;
    assert!(
        !account.deployed["VerifyingKeys"].contains(&old),
        "tokens of the leaked key still verify"
    );
    let retired = account.key(&["retire", &old, "--yes"]).await;
    account.starts().await;
    assert_eq!(retired["VerifyingKeys"], account.deployed["VerifyingKeys"]);
}
