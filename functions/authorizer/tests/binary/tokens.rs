//! Tokens with any header and payload, signed with the fixtures' key.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_testkit::fixtures::{FAR, ISSUER, THEN, signing_keys};
use ring::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};

/// The order of Ed25519's group (RFC 8032 section 5.1), little-endian.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn seed() -> Vec<u8> {
    let keys: Value = serde_json::from_str(&signing_keys().to_private_json()).unwrap();
    URL_SAFE_NO_PAD
        .decode(keys["keys"][0]["d"].as_str().unwrap())
        .unwrap()
}

pub(crate) fn kid() -> String {
    signing_keys().kids().next().unwrap().to_owned()
}

/// The header of a good access token.
pub(crate) fn header() -> String {
    format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{}"}}"#, kid())
}

/// The payload of a good access token of the fixture `me`.
pub(crate) fn payload() -> Value {
    json!({
        "iss": ISSUER, "aud": ISSUER, "sub": "me", "sid": "me", "iat": THEN, "exp": FAR, "jti": "access",
        "roles": ["reader"], "auth_time": THEN, "amr": ["pwd"], "acr": "aal1",
    })
}

pub(crate) fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut payload = payload();
    payload[name] = value.into();
    payload
}

pub(crate) fn without(name: &str) -> Value {
    let mut payload = payload();
    payload.as_object_mut().unwrap().remove(name);
    payload
}

fn message(header: &str, payload: &Value) -> String {
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header))
}

/// A token with exactly this header and payload, signed with `seed`.
fn signed_with(seed: &[u8], header: &str, payload: &Value) -> String {
    let message = message(header, payload);
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

pub(crate) fn signed(header: &str, payload: &Value) -> String {
    signed_with(&seed(), header, payload)
}

pub(crate) fn good() -> String {
    signed(&header(), &payload())
}

/// A good header, but signed with a key of somebody else.
pub(crate) fn signed_by_another() -> String {
    signed_with(&[7; 32], &header(), &payload())
}

/// The well-known attack on verifiers that let the header choose: HMAC with the public key as its secret.
pub(crate) fn hmac_with_the_public_key() -> String {
    let header = format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":"{}"}}"#, kid());
    let message = message(&header, &payload());
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, pair.public_key().as_ref());
    let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes()));
    format!("{message}.{signature}")
}

pub(crate) fn unsigned(alg: &str) -> String {
    let header = format!(r#"{{"typ":"at+jwt","alg":"{alg}","kid":"{}"}}"#, kid());
    format!("{}.", message(&header, &payload()))
}

/// A good token whose signature `change` replaced.
pub(crate) fn resigned(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let token = good();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = change(URL_SAFE_NO_PAD.decode(signature).unwrap());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The second half of a signature plus the group's order: the same number, spelled differently.
pub(crate) fn malleable(mut signature: Vec<u8>) -> Vec<u8> {
    let mut carry = 0_u16;
    for (byte, order) in signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    signature
}

/// The signature of a good token on another payload.
pub(crate) fn changed_claims() -> String {
    let (token, other) = (good(), message(&header(), &with("roles", json!(["admin"]))));
    format!("{other}.{}", token.rsplit_once('.').unwrap().1)
}

/// A good token whose last character has bits that decode to nothing.
pub(crate) fn not_canonical() -> String {
    let mut token = good();
    // 64 bytes leave four such bits, which are zero in what we write.
    let last = token.pop().unwrap();
    token.push(char::from(u8::try_from(last).unwrap() + 1));
    token
}
