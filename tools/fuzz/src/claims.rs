//! A token with a valid signature over any header and payload: what a leaked key, or a bug in the signer, could sign.
//! The first line is the header, the rest is the payload.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, RefreshClaims};
use ring::signature::Ed25519KeyPair;
use serde::Serialize;
use serde_json::{Value, json};

use crate::fixtures::{ISSUER, SEED, VERIFIER, kid};

static PAIR: LazyLock<Ed25519KeyPair> = LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap());

pub(crate) fn run(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else {
        return;
    };
    let (header, payload) = (&bytes[..end], &bytes[end + 1..]);
    // Signing takes most of the time of an execution. The target `token` covers headers that are not JSON.
    let Ok(head) = serde_json::from_slice::<Value>(header) else {
        return;
    };
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = URL_SAFE_NO_PAD.encode(PAIR.sign(signed.as_bytes()));
    let token = format!("{signed}.{signature}");
    let access = VERIFIER
        .access(&token)
        .map(gatecrumb_tokens::Authentic::even_if_expired);
    let refresh = VERIFIER
        .refresh(&token)
        .map(gatecrumb_tokens::Authentic::even_if_expired);
    assert!(
        access.is_err() || refresh.is_err(),
        "both an access and a refresh token"
    );
    if let Ok(claims) = access {
        accepted(&head, payload, "at+jwt", ISSUER);
        re_encodes::<AccessClaims>(&claims);
        let roles = serde_json::to_value(&claims.roles).unwrap();
        assert!(roles.as_array().unwrap().len() <= 16);
        let amr = serde_json::to_value(&claims.amr).unwrap();
        assert!((1..=6).contains(&amr.as_array().unwrap().len()));
    }
    if let Ok(claims) = refresh {
        accepted(&head, payload, "refresh+jwt", &format!("{ISSUER}#refresh"));
        re_encodes::<RefreshClaims>(&claims);
    }
}

/// What RFC 8725 requires of every accepted token.
fn accepted(header: &Value, payload: &[u8], typ: &str, audience: &str) {
    assert_eq!(header["alg"], "EdDSA");
    assert_eq!(header["typ"], typ);
    assert_eq!(header["kid"], kid());
    assert!(header.get("crit").is_none());
    let payload: Value = serde_json::from_slice(payload).unwrap();
    assert_eq!(
        (&payload["iss"], &payload["aud"]),
        (&json!(ISSUER), &json!(audience))
    );
    for claim in ["sub", "sid", "jti"] {
        let text = payload[claim].as_str().unwrap();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!((1..=64).contains(&text.len()) && text.bytes().all(plain));
    }
    assert!(payload["exp"].is_number() && payload["iat"].is_number());
}

fn re_encodes<C: Serialize + for<'de> serde::Deserialize<'de> + Eq>(claims: &C) {
    let json = serde_json::to_vec(claims).unwrap();
    assert!(serde_json::from_slice::<C>(&json).unwrap() == *claims);
}
