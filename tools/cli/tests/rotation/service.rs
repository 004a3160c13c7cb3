//! Another service, which verifies access tokens with the keys of `/auth/jwks.json`. It fetches them only when its cache
//! has expired, even if a token names a key that it does not know.

use gatecrumb_domain::Timestamp;
use gatecrumb_testkit::{events, fixtures::ISSUER, function};
use gatecrumb_tokens::{Verifier, VerifyingKeys};

use crate::deployment::Deployment;

pub(crate) struct Service {
    cached: Option<(Verifier, Timestamp)>,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self { cached: None }
    }

    /// Fetches the keys and caches them for as long as the response allows.
    pub(crate) async fn fetch(&mut self, deployment: &mut Deployment) {
        let now = deployment.now();
        let jwks = &deployment.functions().jwks;
        let response = function::invoke(jwks, &events::named("jwks/success")).await;
        let control = response["headers"]["cache-control"].as_str().unwrap();
        let max_age: u64 = control.strip_prefix("public, max-age=").unwrap().parse().unwrap();
        let keys = VerifyingKeys::from_json(&response["body"].to_string()).unwrap();
        self.cached = Some((Verifier::new(&keys, ISSUER, ISSUER), Timestamp(now.0 + max_age)));
    }

    pub(crate) async fn accepts(&mut self, deployment: &mut Deployment, token: &str) -> bool {
        let now = deployment.now();
        if self
            .cached
            .as_ref()
            .is_none_or(|(_, expires_at)| now >= *expires_at)
        {
            self.fetch(deployment).await;
        }
        let (verifier, _) = self.cached.as_ref().unwrap();
        verifier
            .access(token)
            .is_ok_and(|claims| claims.unexpired(now).is_ok())
    }
}
