use std::{collections::HashMap, path::Path, process::Stdio, sync::Arc};

use gatecrumb_domain::Clock;
use gatecrumb_runtime::{ConfigError, Environment};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::process::Command;

/// The repository, whose `cargo run` is `gatecrumb`.
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");

/// What the functions need to know about the running `gatecrumb serve`.
#[derive(Clone)]
pub struct Settings {
    /// The keys and the issuer of its tokens.
    pub keys: PublicKeys,
    /// The URL of its DynamoDB.
    pub dynamodb: String,
    /// The origins of the pages, separated by commas.
    pub allowed_origins: String,
    /// Whether the authorizer reads session and user.
    pub strict: bool,
    /// The time of all functions.
    pub clock: Arc<dyn Clock>,
}

/// What verifies the tokens of `serve`.
#[derive(Clone, Debug, Deserialize)]
pub struct PublicKeys {
    /// Their `iss`.
    pub issuer: String,
    /// A JWK Set.
    pub verifying_keys: Box<RawValue>,
}

/// Why the start failed, in one line.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A setting.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// There are none, or `gatecrumb` cannot be started.
    #[error(
        "cannot read the keys that verify tokens ({0}): start `cargo run -- serve` first, in the same directory"
    )]
    Keys(String),
    /// It does not respond.
    #[error(
        "cannot create the table of the notes in DynamoDB at {url} ({cause}): start `cargo run -- serve` first, or \
             name the address that it prints with --dynamodb"
    )]
    Table {
        /// Its address.
        url: String,
        /// An error code, or that there was no response.
        cause: String,
    },
}

impl PublicKeys {
    /// Those of the nearest `.gatecrumb/`, or of the directory `state`. `binary`: the program `gatecrumb`, or none for
    /// `cargo run`.
    pub async fn of_serve(binary: Option<&Path>, state: Option<&Path>) -> Result<Self, Fault> {
        let mut command = Command::new(binary.unwrap_or(Path::new("cargo")));
        if binary.is_none() {
            command.args(["run", "--quiet", "--manifest-path", MANIFEST, "--"]);
        }
        command.args(["key", "public", "--json"]).stderr(Stdio::inherit());
        if let Some(state) = state {
            command.arg("--state").arg(state);
        }
        let output = command
            .output()
            .await
            .map_err(|error| Fault::Keys(error.to_string()))?;
        if !output.status.success() {
            return Err(Fault::Keys("`gatecrumb key public` failed".to_owned()));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|_| Fault::Keys("`gatecrumb key public --json` printed something else".to_owned()))
    }
}

impl Settings {
    /// The environment of the functions, with the names that `template.yaml` uses.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let variables = HashMap::from([
            ("ALLOWED_ORIGINS", self.allowed_origins.clone()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.clone()),
            ("AWS_REGION", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("COOKIE_INSECURE", "true".to_owned()),
            ("ISSUER", self.keys.issuer.clone()),
            ("TABLE_NAME", "gatecrumb".to_owned()),
            ("VERIFYING_KEYS", self.keys.verifying_keys.get().to_owned()),
        ]);
        Environment::new(move |name| variables.get(name).cloned())
    }
}
