use std::{collections::HashMap, sync::Arc};

use gatecrumb_domain::Clock;
use gatecrumb_local::fixtures;
use gatecrumb_runtime::{Environment, SystemClock};

use crate::{KeySet, table::LOCAL_TABLE};

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The functions' clock, and the environment from which `serve` takes those of their variables that it does not set itself.
#[derive(Clone)]
pub struct Settings {
    lookup: Arc<Lookup>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Variables that a local run never takes from the environment.
const OWN: [&str; 15] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_REGION",
    "AWS_SAM_LOCAL",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "DEVICE_KEYS",
    "DEVICE_KEYS_SECRET",
    "SIGNING_KEYS",
    "SIGNING_KEYS_SECRET",
    "SIGNING_KID",
    "TABLE_NAME",
    "VERIFYING_KEYS",
];

impl Settings {
    /// From the process's environment.
    #[must_use]
    pub fn of_process() -> Self {
        let env = Environment::of_process();
        Self::new(move |name| env.text(name))
    }

    /// From another source.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            lookup: Arc::new(lookup),
            clock: Arc::new(SystemClock),
        }
    }

    /// With another clock than the machine's, which a test can move.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The functions' environment on this machine.
    pub(crate) fn local(
        &self,
        port: u16,
        endpoint: &str,
        keys: &KeySet,
        device_keys: &str,
        issuer: String,
    ) -> Environment {
        let own = HashMap::from([
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.to_owned()),
            ("AWS_REGION", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("DEVICE_KEYS", device_keys.to_owned()),
            ("SIGNING_KEYS", keys.keys.to_private_json().to_string()),
            ("SIGNING_KID", keys.signing_kid.clone()),
            ("TABLE_NAME", LOCAL_TABLE.to_owned()),
            ("VERIFYING_KEYS", keys.keys.to_public_json()),
        ]);
        let defaults = HashMap::from([
            (
                "ALLOWED_ORIGINS",
                format!("http://localhost:{port},http://localhost:3001"),
            ),
            ("COOKIE_INSECURE", "true".to_owned()),
            ("ISSUER", issuer),
        ]);
        self.environment(own, defaults)
    }

    /// The functions' environment for the files in `events/`, with the keys of `events/env.json`.
    pub(crate) fn fixtures(&self, endpoint: &str) -> Environment {
        let variables: HashMap<String, String> = fixtures::variables().into_iter().collect();
        let own = HashMap::from([
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.to_owned()),
            ("AWS_REGION", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ]);
        let lookup = Arc::clone(&self.lookup);
        Environment::new(move |name| {
            let fixture = variables.get(name).cloned();
            if OWN.contains(&name) {
                return own.get(name).cloned().or(fixture);
            }
            lookup(name).filter(|text| !text.is_empty()).or(fixture)
        })
    }

    fn environment(
        &self,
        own: HashMap<&'static str, String>,
        defaults: HashMap<&'static str, String>,
    ) -> Environment {
        let lookup = Arc::clone(&self.lookup);
        Environment::new(move |name| {
            if OWN.contains(&name) {
                return own.get(name).cloned();
            }
            lookup(name)
                .filter(|text| !text.is_empty())
                .or_else(|| defaults.get(name).cloned())
        })
    }
}
