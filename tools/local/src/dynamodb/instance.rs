//! Proves to the programs of one state directory that this embedded DynamoDB serves that directory. A port says nothing:
//! another program may listen there since.

use axum::http::{HeaderMap, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{NoRandomness, Randomness, random_bytes};
use ring::hmac;
use serde::{Deserialize, Serialize};

/// The request header with the challenge; the body of the response is the proof.
pub const CHALLENGE: &str = "x-gatecrumb-challenge";
/// A challenge is as long as a secret; a longer one is not worth a hash.
const MAX_CHALLENGE_BYTES: usize = 64;
/// Begins the access key id of requests that are meant for one instance only.
const PREFIX: &str = "gatecrumb-instance-";

/// One start of an embedded DynamoDB. Whoever can read it can recognize the server.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Public: every request carries it.
    id: String,
    /// Never sent.
    secret: String,
}

impl Instance {
    /// A new one for each start.
    pub fn random(randomness: &dyn Randomness) -> Result<Self, NoRandomness> {
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(random_bytes::<16>(randomness)?),
            secret: URL_SAFE_NO_PAD.encode(random_bytes::<32>(randomness)?),
        })
    }

    /// A value for the header [`CHALLENGE`], to be used once.
    pub fn challenge(randomness: &dyn Randomness) -> Result<String, NoRandomness> {
        Ok(URL_SAFE_NO_PAD.encode(random_bytes::<32>(randomness)?))
    }

    /// The access key id with which no other instance accepts a request.
    #[must_use]
    pub fn access_key_id(&self) -> String {
        format!("{PREFIX}{}", self.id)
    }

    /// Whether `proof` is this instance's response to `challenge`.
    #[must_use]
    pub fn accepts(&self, challenge: &str, proof: &[u8]) -> bool {
        let Ok(proof) = URL_SAFE_NO_PAD.decode(proof) else {
            return false;
        };
        hmac::verify(&self.key(), challenge.as_bytes(), &proof).is_ok()
    }

    fn prove(&self, challenge: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key(), challenge.as_bytes()).as_ref())
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes())
    }
}

/// The response to a challenge; `None` if the request contains none.
pub(super) fn response(own: Option<&Instance>, headers: &HeaderMap) -> Option<(StatusCode, String)> {
    let challenge = headers.get(CHALLENGE)?;
    let challenge = challenge
        .to_str()
        .ok()
        .filter(|challenge| challenge.len() <= MAX_CHALLENGE_BYTES);
    Some(match (own, challenge) {
        (Some(own), Some(challenge)) => (StatusCode::OK, own.prove(challenge)),
        (_, None) => (StatusCode::BAD_REQUEST, String::new()),
        (None, _) => (StatusCode::NOT_FOUND, String::new()),
    })
}

/// Whether a request is meant for another instance. The SDK signs each request, so its access key id is in
/// `Authorization`.
pub(super) fn is_for_another(own: Option<&Instance>, headers: &HeaderMap) -> bool {
    let meant = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once("Credential="))
        .and_then(|(_, credential)| credential.split('/').next())
        .and_then(|key| key.strip_prefix(PREFIX));
    meant.is_some_and(|meant| own.is_none_or(|own| own.id != meant))
}

#[cfg(test)]
mod tests {
    use gatecrumb_runtime::SystemRandomness;

    use super::*;

    fn instance() -> Instance {
        Instance::random(&SystemRandomness).unwrap()
    }

    #[test]
    fn only_the_instance_itself_proves_that_it_is_the_one() {
        let (own, other) = (instance(), instance());
        let challenge = Instance::challenge(&SystemRandomness).unwrap();
        let proof = own.prove(&challenge);
        assert!(own.accepts(&challenge, proof.as_bytes()));
        let later = Instance::challenge(&SystemRandomness).unwrap();
        assert!(!own.accepts(&later, proof.as_bytes()), "a proof is used once");
        assert!(!own.accepts(&challenge, other.prove(&challenge).as_bytes()));
        for invalid in [&b""[..], b"!", challenge.as_bytes()] {
            assert!(!own.accepts(&challenge, invalid));
        }
    }

    #[test]
    fn a_request_for_another_instance_is_recognized() {
        let (own, other) = (instance(), instance());
        let authorization = |key: &str| {
            let mut headers = HeaderMap::new();
            let value = format!("AWS4-HMAC-SHA256 Credential={key}/20260101/local/dynamodb/aws4_request");
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            headers
        };
        for (key, own, expected) in [
            (own.access_key_id(), Some(&own), false),
            (other.access_key_id(), Some(&own), true),
            (own.access_key_id(), None, true),
            // Other programs choose any key.
            ("local".to_owned(), Some(&own), false),
            ("local".to_owned(), None, false),
        ] {
            assert_eq!(is_for_another(own, &authorization(&key)), expected, "{key}");
        }
        assert!(!is_for_another(Some(&own), &HeaderMap::new()));
    }

    #[test]
    fn a_challenge_is_bounded_and_an_anonymous_server_proves_nothing() {
        let own = instance();
        let ask = |own: Option<&Instance>, challenge: String| {
            let mut headers = HeaderMap::new();
            headers.insert(CHALLENGE, challenge.parse().unwrap());
            response(own, &headers).unwrap().0.as_u16()
        };
        assert_eq!(ask(Some(&own), "a".repeat(64)), 200);
        assert_eq!(ask(Some(&own), "a".repeat(65)), 400);
        assert_eq!(ask(None, "a".repeat(64)), 404);
        assert!(response(Some(&own), &HeaderMap::new()).is_none());
    }
}
