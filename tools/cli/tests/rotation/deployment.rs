//! A deployment in simulated time: the secret, the deployed parameters, and the functions that run with them. The keys
//! change as `gatecrumb key` changes them.

use std::time::Duration;

use authorizer::{Authorizer, Decision, Policy, Stateless, strict::Strict};
use gatecrumb::key::{KeySet, Refused, Step, Waits};
use gatecrumb_domain::Timestamp;
use gatecrumb_runtime::{Environment, SystemRandomness, now};
use gatecrumb_testkit::{events, fixtures, function, host::TestHost, logs, secrets::SecretsManager};
use gatecrumb_web::HttpService;
use jwks::Jwks;
use lambda_runtime::{Context, LambdaEvent, Service as _};
use login::Login;
use me::Me;
use refresh::Refresh;
use serde_json::{Value, json};

pub(crate) const ACCESS: u64 = 120;
pub(crate) const IDLE: u64 = 1800;
const WAITS: Waits = Waits {
    jwks_max_age: jwks::MAX_AGE,
    session_idle: Duration::from_secs(IDLE),
};

/// The functions with one set of parameters.
pub(crate) struct Functions {
    pub(crate) login: HttpService<Login>,
    pub(crate) refresh: HttpService<Refresh>,
    pub(crate) me: HttpService<Me>,
    pub(crate) jwks: HttpService<Jwks>,
    authorizer: Authorizer<Stateless>,
    strict: Authorizer<Strict>,
}

/// The parameters of a deployment.
#[derive(Clone)]
struct Parameters {
    signing_kid: String,
    verifying_keys: String,
}

pub(crate) struct Deployment {
    pub(crate) host: TestHost,
    manager: SecretsManager,
    endpoints: (String, String),
    deployed: Parameters,
    /// While a deployment is in progress, requests reach the old and the new functions in turn.
    running: Vec<Functions>,
    requests: usize,
    pub(crate) started: Timestamp,
}

impl Deployment {
    pub(crate) async fn new() -> Self {
        logs::capture();
        let started = now();
        let manager = SecretsManager::default();
        let set = KeySet::generate(&SystemRandomness).unwrap();
        manager.put("gatecrumb", &set.to_json());
        let (table, _) = fixtures::dynamodb().await;
        let mut deployment = Self {
            host: TestHost::at(started),
            endpoints: (format!("http://{table}"), manager.serve().await),
            manager,
            deployed: parameters(&set),
            running: Vec::new(),
            requests: 0,
            started,
        };
        deployment.running.push(deployment.start().await);
        deployment
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.host.host().clock.now()
    }

    /// The keys in the secret.
    pub(crate) fn keys(&self) -> KeySet {
        KeySet::from_json(&self.manager.get("gatecrumb").unwrap(), None).unwrap()
    }

    /// A cold start with the deployed parameters. There may be one at any time.
    async fn start(&self) -> Functions {
        let (table, secrets) = &self.endpoints;
        let changes = [
            ("ACCESS_TTL_SECONDS", ACCESS.to_string()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.clone()),
            ("SESSION_IDLE_SECONDS", IDLE.to_string()),
            ("SIGNING_KEYS", String::new()),
            ("SIGNING_KEYS_SECRET", "gatecrumb".to_owned()),
            ("SIGNING_KID", self.deployed.signing_kid.clone()),
            ("VERIFYING_KEYS", self.deployed.verifying_keys.clone()),
        ];
        let changes: Vec<(&str, &str)> = changes
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let env: Environment = function::environment(table, &changes);
        let host = || self.host.host();
        Functions {
            login: login::start(env.clone(), host()).await.unwrap(),
            refresh: refresh::start(env.clone(), host()).await.unwrap(),
            me: me::start(env.clone(), host()).await.unwrap(),
            jwks: jwks::start(env.clone(), host()).await.unwrap(),
            authorizer: authorizer::start(env.clone(), host()).await.unwrap(),
            strict: authorizer::strict::start(env, host()).await.unwrap(),
        }
    }

    /// The functions that the next request reaches.
    pub(crate) fn functions(&mut self) -> &Functions {
        self.requests += 1;
        &self.running[self.requests % self.running.len()]
    }

    /// Whether another API, which an authorizer guards, gets the requests of this browser.
    pub(crate) async fn authorizes(&mut self, access_cookie: &str) -> bool {
        let mut event = events::named("authorizer/allow-cookie");
        event["cookies"] = json!([access_cookie]);
        let functions = self.functions();
        let decisions = [
            decide(&functions.authorizer, &event).await,
            decide(&functions.strict, &event).await,
        ];
        assert_eq!(decisions[0], decisions[1], "the session is live, so both agree");
        decisions[0]
    }

    /// `gatecrumb key rotate`: changes the secret and returns the step. The parameters are not deployed yet.
    pub(crate) async fn rotate(&mut self) -> Result<Step, Refused> {
        let (mut set, now) = (self.keys(), self.now());
        let step = set.next_step(now, &WAITS, false)?;
        set.take(&step, now, &WAITS, &SystemRandomness).unwrap();
        self.save(&set).await;
        Ok(step)
    }

    /// `gatecrumb key rotate --leaked`.
    pub(crate) async fn replace_leaked(&mut self) {
        let mut set = self.keys();
        set.replace_leaked(self.now(), &SystemRandomness).unwrap();
        self.save(&set).await;
    }

    async fn save(&mut self, set: &KeySet) {
        self.manager.put("gatecrumb", &set.to_json());
        // Of the parameters that are still deployed.
        *self.running.last_mut().unwrap() = self.start().await;
    }

    /// From now on, new functions with the parameters of the last step run beside the old ones.
    pub(crate) async fn begin_deployment(&mut self) {
        self.deployed = parameters(&self.keys());
        self.running.push(self.start().await);
    }

    /// From now on, only the new functions run.
    pub(crate) fn complete_deployment(&mut self) {
        self.running.drain(..self.running.len() - 1);
    }

    pub(crate) fn publishes(&self, kid: &str) -> bool {
        self.deployed.verifying_keys.contains(kid)
    }
}

async fn decide<P: Policy>(authorizer: &Authorizer<P>, event: &Value) -> bool {
    let event = LambdaEvent::new(serde_json::from_value(event.clone()).unwrap(), Context::default());
    let decision: Decision = authorizer.clone().call(event).await.unwrap();
    serde_json::to_value(decision).unwrap()["isAuthorized"] == true
}

/// What `gatecrumb key` prints.
fn parameters(set: &KeySet) -> Parameters {
    Parameters {
        signing_kid: set.signing_kid.clone(),
        verifying_keys: set.to_public_json().unwrap(),
    }
}

/// The response's status and, of an error, its code.
pub(crate) fn outcome(response: &Value) -> String {
    let code = response["body"]["code"].as_str().unwrap_or_default();
    format!("{} {code}", response["statusCode"]).trim_end().to_owned()
}
