//! Somebody who has a private key and knows a live session. All claims of their tokens are right, so that only the key
//! decides.

use std::time::Duration;

use gatecrumb::KeySet;
use gatecrumb_testkit::fixtures::ISSUER;
use gatecrumb_tokens::{Signer, Verifier, VerifyingKeys};

use crate::{client::Client, deployment::Deployment, service::Service};

/// Tokens of a client's session, signed with the key `kid` of `stolen`.
pub(crate) struct Forged {
    pub(crate) access: String,
    refresh: String,
}

/// `known`: a set with the key that signed the client's tokens.
pub(crate) fn forge(client: &Client, known: &KeySet, stolen: &KeySet, kid: &str) -> Forged {
    let public = VerifyingKeys::from_json(&known.keys.to_public_json()).unwrap();
    let verifier = Verifier::new(&public, ISSUER, ISSUER);
    let mut access = verifier.access(client.access()).unwrap().even_if_expired();
    let mut refresh = verifier
        .refresh(client.refresh_token())
        .unwrap()
        .even_if_expired();
    let year = Duration::from_secs(31_536_000);
    (access.exp, refresh.exp) = (access.iat + year, refresh.iat + year);
    let signer = Signer::new(&stolen.keys, kid, ISSUER, ISSUER).unwrap();
    Forged {
        access: signer.access(&access).unwrap().expose().to_owned(),
        refresh: signer.refresh(&refresh).unwrap().expose().to_owned(),
    }
}

impl Forged {
    /// Whether `me`, an authorizer and refresh accept the tokens. They always agree.
    pub(crate) async fn are_accepted(&self, deployment: &mut Deployment) -> bool {
        let browser = || Client::with_tokens(&self.access, &self.refresh);
        let me = browser().me(deployment).await;
        let refreshed = browser().refresh(deployment).await;
        let guarded = browser().is_authorized(deployment).await;
        assert_eq!(
            (me == "200", refreshed == "200"),
            (guarded, guarded),
            "{me}, {refreshed}"
        );
        guarded
    }

    /// Whether a service accepts the access token with the keys that it has now.
    pub(crate) async fn are_accepted_by(&self, service: &mut Service, deployment: &mut Deployment) -> bool {
        service.accepts(deployment, &self.access).await
    }
}
