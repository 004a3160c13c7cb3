//! Tokens that an attacker might try, and properties of all tokens.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

mod claims;
mod keys;
mod limits;
mod presented;
mod properties;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, Acr, AuthenticationMethods, RefreshClaims, Roles, Timestamp};
use gatecrumb_tokens::{Signer, SigningKeys, Verifier, VerifyingKeys};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_800_000_000);

fn keys(seed: u8) -> SigningKeys {
    SigningKeys::from_seed([seed; 32])
}

fn signer_of(keys: &SigningKeys, issuer: &str, audience: &str) -> Signer {
    let kid = keys.kids().next().unwrap().to_owned();
    Signer::new(keys, &kid, issuer, audience).unwrap()
}

fn signer() -> Signer {
    signer_of(&keys(1), "issuer", "audience")
}

fn verifier() -> Verifier {
    let public = VerifyingKeys::from_json(&keys(1).to_public_json()).unwrap();
    Verifier::new(&public, "issuer", "audience")
}

fn access() -> AccessClaims {
    AccessClaims {
        sub: "user".parse().unwrap(),
        sid: "session".parse().unwrap(),
        iat: NOW,
        exp: NOW + Duration::from_secs(900),
        jti: "token".parse().unwrap(),
        roles: Roles::default(),
        auth_time: NOW - Duration::from_secs(60),
        amr: AuthenticationMethods::password(),
        acr: Acr::Aal1,
    }
}

fn refresh() -> RefreshClaims {
    let AccessClaims {
        sub,
        sid,
        iat,
        exp,
        jti,
        ..
    } = access();
    RefreshClaims {
        sub,
        sid,
        jti,
        parent: "root".parse().unwrap(),
        iat,
        exp,
    }
}

/// A token with any header and payload, correctly signed with the key that the verifier trusts.
fn forge(header: &Value, payload: &Value) -> String {
    // In the signer's order, which is the only one that the verifier accepts.
    let first = ["typ", "alg", "kid"];
    let members = header.as_object().unwrap();
    let rest = members
        .keys()
        .map(String::as_str)
        .filter(|name| !first.contains(name));
    let written: Vec<String> = (first.into_iter().chain(rest))
        .filter_map(|name| Some(format!("\"{name}\":{}", members.get(name)?)))
        .collect();
    sign(&format!("{{{}}}", written.join(",")), &payload.to_string())
}

/// A token with exactly this header and payload, correctly signed.
fn sign(header: &str, payload: &str) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": keys(1).kids().next().unwrap() })
}

fn payload() -> Value {
    json!({ "iss": "issuer", "aud": "audience", "sub": "user", "sid": "session", "iat": NOW, "exp": NOW.0 + 900,
            "jti": "token", "roles": [], "auth_time": NOW.0 - 60, "amr": ["pwd"], "acr": "aal1" })
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}
