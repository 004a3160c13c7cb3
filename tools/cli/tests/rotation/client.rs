//! A browser with its cookies. It drops none of them by itself.

use std::collections::BTreeMap;

use gatecrumb_domain::Timestamp;
use gatecrumb_testkit::{events, function};
use serde_json::{Value, json};

use crate::{
    deployment::{Deployment, outcome},
    service::Service,
};

const ACCESS_COOKIE: &str = "__Host-gatecrumb-access";
const REFRESH_COOKIE: &str = "__Host-gatecrumb-refresh";

pub(crate) struct Client {
    pub(crate) name: &'static str,
    jar: BTreeMap<String, String>,
    /// Seconds between two visits.
    every: u64,
    pub(crate) next: Timestamp,
    pub(crate) visits: u64,
}

impl Client {
    pub(crate) async fn sign_in(deployment: &mut Deployment, name: &'static str, every: u64) -> Self {
        let mut client = Self {
            name,
            jar: BTreeMap::new(),
            every,
            next: Timestamp(deployment.now().0 + every),
            visits: 0,
        };
        let login = &deployment.functions().login;
        let response = function::invoke(login, &events::named("login/success")).await;
        assert_eq!(outcome(&response), "200");
        client.keep(&response);
        client
    }

    pub(crate) async fn me(&mut self, deployment: &mut Deployment) -> String {
        let event = self.event("me/success");
        let response = function::invoke(&deployment.functions().me, &event).await;
        self.keep(&response);
        outcome(&response)
    }

    pub(crate) async fn refresh(&mut self, deployment: &mut Deployment) -> String {
        let event = self.event("refresh/success");
        let response = function::invoke(&deployment.functions().refresh, &event).await;
        self.keep(&response);
        outcome(&response)
    }

    /// Uses everything that a signed-in user may use. `services` have caches of different ages.
    pub(crate) async fn visit(&mut self, deployment: &mut Deployment, services: &mut [Service]) {
        let context = format!(
            "{} at {} s",
            self.name,
            deployment.now().since(deployment.started).as_secs()
        );
        // The access token of a client that comes often enough is still valid.
        if self.every < crate::deployment::ACCESS {
            assert_eq!(self.me(deployment).await, "200", "{context}");
        }
        assert_eq!(self.refresh(deployment).await, "200", "{context}");
        assert_eq!(self.me(deployment).await, "200", "{context}");
        assert!(self.is_authorized(deployment).await, "{context}");
        let (token, now) = (self.access().to_owned(), deployment.now());
        for (index, service) in services.iter_mut().enumerate() {
            assert!(
                service.accepts(deployment, &token).await,
                "{context}: service {index} refuses the token"
            );
        }
        self.next = Timestamp(now.0 + self.every);
        self.visits += 1;
    }

    /// Whether an authorizer lets it through.
    pub(crate) async fn is_authorized(&self, deployment: &mut Deployment) -> bool {
        let cookie = format!("{ACCESS_COOKIE}={}", self.access());
        deployment.authorizes(&cookie).await
    }

    pub(crate) fn access(&self) -> &str {
        &self.jar[ACCESS_COOKIE]
    }

    pub(crate) fn refresh_token(&self) -> &str {
        &self.jar[REFRESH_COOKIE]
    }

    pub(crate) fn is_signed_out(&self) -> bool {
        !self.jar.contains_key(ACCESS_COOKIE) && !self.jar.contains_key(REFRESH_COOKIE)
    }

    /// The same browser with other tokens.
    pub(crate) fn with_tokens(access: &str, refresh: &str) -> Self {
        let cookie = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            name: "attacker",
            jar: [cookie(ACCESS_COOKIE, access), cookie(REFRESH_COOKIE, refresh)].into(),
            every: 0,
            next: Timestamp(0),
            visits: 0,
        }
    }

    fn event(&self, name: &str) -> Value {
        let mut event = events::named(name);
        let cookies: Vec<String> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        event["cookies"] = json!(cookies);
        event
    }

    fn keep(&mut self, response: &Value) {
        for line in response["cookies"].as_array().unwrap() {
            let (cookie, attributes) = line.as_str().unwrap().split_once(';').unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
