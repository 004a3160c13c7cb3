//! Two planned rotations, while clients of all habits visit.

use std::time::Duration;

use gatecrumb::{
    KeySet,
    key::{Refused, Stage, Step},
};
use gatecrumb_domain::Timestamp;
use gatecrumb_runtime::SystemRandomness;

use crate::{
    attacker::{Forged, forge},
    client::Client,
    deployment::{Deployment, IDLE},
    service::Service,
};

/// How long a deployment may take (`Waits::deployment`).
const LONGEST: u64 = 300;

struct Walk {
    deployment: Deployment,
    clients: Vec<Client>,
    /// The second one's cache is renewed at the worst moment: just before a deployment is complete.
    services: [Service; 2],
    /// Tokens of keys that must not be trusted, and the time from which caches must know it.
    forged: Vec<(Forged, Timestamp)>,
}

impl Walk {
    async fn new() -> Self {
        let mut deployment = Deployment::new().await;
        let mut clients = Vec::new();
        for (name, every) in [
            ("a tab that stays open", 110),
            ("a visitor every few minutes", 250),
            ("a visitor every quarter of an hour", 900),
            ("a visitor in the last second of the idle lifetime", IDLE - 1),
        ] {
            clients.push(Client::sign_in(&mut deployment, name, every).await);
        }
        let mut walk = Self {
            deployment,
            clients,
            services: [Service::new(), Service::new()],
            forged: Vec::new(),
        };
        let stranger = KeySet::generate(&SystemRandomness).unwrap();
        let kid = stranger.signing_kid.clone();
        walk.distrust(&stranger, &kid, 0);
        walk
    }

    /// From now on, nothing may accept tokens of this key; services with a cache, from `cached` seconds later on.
    fn distrust(&mut self, stolen: &KeySet, kid: &str, cached: u64) {
        let forged = forge(&self.clients[0], &self.deployment.keys(), stolen, kid);
        let since = self.deployment.now() + Duration::from_secs(cached);
        self.forged.push((forged, since));
    }

    /// Lets the time pass until then, with all visits that are due.
    async fn until(&mut self, end: Timestamp) {
        loop {
            let next = self.clients.iter_mut().min_by_key(|client| client.next).unwrap();
            let time = next.next.min(end);
            let passed = time.since(self.deployment.now());
            self.deployment.host.advance(passed);
            if next.next > end {
                return;
            }
            next.visit(&mut self.deployment, &mut self.services).await;
        }
    }

    async fn pass(&mut self, seconds: u64) {
        let end = self.deployment.now() + Duration::from_secs(seconds);
        self.until(end).await;
    }

    /// Deploys the parameters of the last step, which takes `seconds`.
    async fn deploy(&mut self, seconds: u64) {
        let keys = self.deployment.keys();
        let mut unpublished: Vec<&str> = keys.keys.kids().collect();
        unpublished.retain(|kid| !self.deployment.publishes(kid));
        for kid in unpublished {
            let early = forge(&self.clients[0], &keys, &keys, kid);
            assert!(
                !early.are_accepted(&mut self.deployment).await,
                "not published yet"
            );
        }
        self.deployment.begin_deployment().await;
        if seconds > 0 {
            self.pass(seconds - 1).await;
            let late = Client::sign_in(&mut self.deployment, "a sign-in during a deployment", IDLE - 1).await;
            self.clients.push(late);
            self.services[1].fetch(&mut self.deployment).await;
            self.pass(1).await;
        }
        self.deployment.complete_deployment();
    }

    /// Waits for the next step, which is refused a second earlier.
    async fn wait(&mut self) {
        let rotation = self.deployment.keys().rotation().unwrap().clone();
        self.until(Timestamp(rotation.not_before.0 - 1)).await;
        let early = self.deployment.rotate().await.unwrap_err();
        assert_eq!(
            matches!(early, Refused::TooEarlyToSign { .. }),
            rotation.stage == Stage::Published
        );
        self.pass(1).await;
    }

    async fn check_forged(&mut self) {
        for (forged, cached) in &self.forged {
            assert!(!forged.are_accepted(&mut self.deployment).await);
            if self.deployment.now() >= *cached {
                for service in &mut self.services {
                    assert!(!forged.are_accepted_by(service, &mut self.deployment).await);
                }
            }
        }
    }

    /// One rotation, whose deployments take these times.
    async fn rotate(&mut self, [publish, sign, retire]: [u64; 3]) {
        let old = self.deployment.keys();
        assert_eq!(self.deployment.rotate().await, Ok(Step::Publish));
        self.deploy(publish).await;
        self.check_forged().await;
        self.wait().await;
        let new = self.deployment.keys().keys.kids().last().unwrap().to_owned();
        assert_eq!(self.deployment.rotate().await, Ok(Step::Sign(new)));
        self.deploy(sign).await;
        self.pass(60).await;
        self.check_forged().await;
        self.wait().await;
        let kid = old.signing_kid.clone();
        assert_eq!(
            self.deployment.rotate().await,
            Ok(Step::Retire(vec![kid.clone()]))
        );
        self.deploy(retire).await;
        self.distrust(&old, &kid, jwks::MAX_AGE.as_secs());
        self.check_forged().await;
        // Until no cache has the old key, and each client has come once more.
        self.pass(IDLE).await;
        self.check_forged().await;
    }
}

#[tokio::test]
async fn two_rotations_sign_nobody_out_and_let_nobody_in() {
    // As fast and as slow as is allowed before a wait: with what was cached or issued in the last second.
    for (first, second) in [
        ([0, 0, 0], [LONGEST, 0, 0]),
        ([0, LONGEST, 0], [LONGEST, LONGEST, LONGEST]),
    ] {
        let mut walk = Walk::new().await;
        walk.rotate(first).await;
        walk.rotate(second).await;
        let keys = walk.deployment.keys();
        assert_eq!((keys.keys.kids().count(), keys.rotation()), (1, None));
        assert!(walk.clients.iter().all(|client| client.visits > 0));
    }
}
