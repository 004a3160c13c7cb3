//! An operator with the real command line.

use std::{collections::HashMap, path::PathBuf};

use gatecrumb_runtime::{Host, config};
use gatecrumb_testkit::{function, secrets::SecretsManager};
use serde_json::{Value, json};
use tokio::process::Command;

/// An AWS account: its secret, and the parameters that are deployed.
pub(crate) struct Account {
    manager: SecretsManager,
    endpoint: String,
    state: PathBuf,
    pub(crate) deployed: HashMap<String, String>,
}

impl Account {
    pub(crate) async fn new(name: &str) -> Self {
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
    pub(crate) async fn key(&self, arguments: &[&str]) -> HashMap<String, String> {
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

    /// Makes the last step of the rotation this much older.
    pub(crate) fn age(&self, seconds: u64) {
        let mut set: Value = serde_json::from_str(&self.manager.get("gatecrumb").unwrap()).unwrap();
        for member in ["since", "not_before"] {
            let time = &mut set["rotation"][member];
            *time = json!(time.as_u64().unwrap() - seconds);
        }
        self.manager.put("gatecrumb", &set.to_string());
    }

    /// Asserts that a function can start with the deployed parameters and the present secret.
    pub(crate) async fn starts(&self) {
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
    pub(crate) async fn deploy(&mut self, parameters: &HashMap<String, String>) {
        self.starts().await;
        self.deployed.extend(parameters.clone());
        self.starts().await;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.state);
    }
}
