//! The claims of a token, and that each of its checks rejects something.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::Timestamp;
use gatecrumb_tokens::{Expired, Invalid};
use serde_json::{Value, json};

use super::{
    NOW, access, forge, header, keys, payload, refresh, sign, signer, signer_of, verifier, with, without,
};

#[test]
fn signed_claims_round_trip() {
    let token = signer().access(&access()).unwrap();
    assert_eq!(
        verifier().access(token.expose()).unwrap().unexpired(NOW),
        Ok(access())
    );
    let token = signer().refresh(&refresh()).unwrap();
    assert_eq!(
        verifier().refresh(token.expose()).unwrap().unexpired(NOW),
        Ok(refresh())
    );
}

#[test]
fn an_access_token_expires_at_exp_and_not_a_second_later() {
    let token = signer().access(&access()).unwrap();
    let at = |now| verifier().access(token.expose()).unwrap().unexpired(now);
    assert!(at(Timestamp(access().exp.0 - 1)).is_ok());
    assert_eq!(at(access().exp), Err(Expired));
}

#[test]
fn one_kind_is_never_accepted_as_the_other() {
    let access = signer().access(&access()).unwrap();
    let refresh = signer().refresh(&refresh()).unwrap();
    assert_eq!(verifier().refresh(access.expose()), Err(Invalid));
    assert_eq!(verifier().access(refresh.expose()), Err(Invalid));
    // Not even with the claims of the other kind and its audience or its type.
    let both = with(payload(), "parent", json!("root"));
    let of_refresh = with(header(), "typ", json!("refresh+jwt"));
    let for_refresh = with(both.clone(), "aud", json!("audience#refresh"));
    for (header, payload, passes) in [
        (header(), &both, (true, false)),
        (of_refresh.clone(), &for_refresh, (false, true)),
        (header(), &for_refresh, (false, false)),
        (of_refresh, &both, (false, false)),
    ] {
        let token = forge(&header, payload);
        assert_eq!(
            (
                verifier().access(&token).is_ok(),
                verifier().refresh(&token).is_ok()
            ),
            passes,
            "{header}"
        );
    }
}

/// RFC 8725 section 3.12: another verifier that does not check `typ` can distinguish them by the audience.
#[test]
fn a_refresh_token_has_its_own_audience() {
    let audience = |token: &str| -> Value {
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&payload).unwrap()["aud"].clone()
    };
    assert_eq!(audience(signer().access(&access()).unwrap().expose()), "audience");
    assert_eq!(
        audience(signer().refresh(&refresh()).unwrap().expose()),
        "audience#refresh"
    );
    // An access token with an audience that ends like a refresh token's is not a refresh token.
    let similar = signer_of(&keys(1), "issuer", "audience#refresh")
        .access(&access())
        .unwrap();
    assert_eq!(verifier().refresh(similar.expose()), Err(Invalid));
    let list = with(payload(), "aud", json!(["audience", "audience#refresh"]));
    assert_eq!(
        verifier().access(&forge(&header(), &list)),
        Err(Invalid),
        "we issue no list of audiences"
    );
}

#[test]
fn another_key_issuer_or_audience_is_rejected() {
    for signer in [
        signer_of(&keys(2), "issuer", "audience"),
        signer_of(&keys(1), "other", "audience"),
        signer_of(&keys(1), "issuer", "other"),
    ] {
        assert_eq!(
            verifier().access(signer.access(&access()).unwrap().expose()),
            Err(Invalid)
        );
    }
}

#[test]
fn a_wrong_header_is_rejected_although_the_signature_is_valid() {
    assert!(
        verifier().access(&forge(&header(), &payload())).is_ok(),
        "an unchanged header is accepted"
    );
    for header in [
        with(header(), "alg", json!("none")),
        with(header(), "alg", json!("HS256")),
        with(header(), "alg", json!("ES256")),
        with(header(), "typ", json!("JWT")),
        with(header(), "typ", json!("refresh+jwt")),
        without(header(), "typ"),
        with(header(), "crit", json!(["exp"])),
        with(header(), "crit", json!([])),
        with(header(), "kid", json!(keys(2).kids().next().unwrap())),
        without(header(), "kid"),
        with(header(), "jku", json!("https://evil.example")),
    ] {
        assert_eq!(
            verifier().access(&forge(&header, &payload())),
            Err(Invalid),
            "{header}"
        );
    }
}

#[test]
fn every_claim_is_required_and_typed() {
    for name in [
        "iss",
        "aud",
        "sub",
        "sid",
        "iat",
        "exp",
        "jti",
        "roles",
        "auth_time",
        "amr",
        "acr",
    ] {
        assert_eq!(
            verifier().access(&forge(&header(), &without(payload(), name))),
            Err(Invalid),
            "{name}"
        );
        let null = with(payload(), name, Value::Null);
        assert_eq!(
            verifier().access(&forge(&header(), &null)),
            Err(Invalid),
            "{name}"
        );
    }
    for (name, value) in [
        ("sub", json!("")),
        ("sub", json!("a b")),
        ("sid", json!("USER#")),
        ("sid", json!("a\u{e9}")),
        ("exp", json!("never")),
        ("exp", json!(NOW.0.to_string())),
        ("exp", json!(1_800_000_900.5)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("roles", json!(["a b"])),
        ("roles", json!((0..17).map(|n| n.to_string()).collect::<Vec<_>>())),
        ("auth_time", json!("2026-11-23T14:10:23Z")),
        ("auth_time", json!(NOW.0.to_string())),
        ("auth_time", json!(-1)),
        ("auth_time", json!(1.5)),
        ("auth_time", json!([NOW.0])),
        ("amr", json!("pwd")),
        ("amr", json!([])),
        ("amr", json!(["PWD"])),
        ("amr", json!(["pwd", "face"])),
        ("amr", json!(["pwd", null])),
        ("amr", json!([{ "pwd": null }])),
        ("amr", json!({ "pwd": true })),
        ("acr", json!("aal3")),
        ("acr", json!("AAL1")),
        ("acr", json!("")),
        ("acr", json!(1)),
        ("acr", json!({ "aal1": null })),
        ("acr", json!(["aal1"])),
    ] {
        let payload = with(payload(), name, value);
        assert_eq!(
            verifier().access(&forge(&header(), &payload)),
            Err(Invalid),
            "{payload}"
        );
    }
}

#[test]
fn the_header_is_compared_byte_for_byte() {
    let kid = header()["kid"].as_str().unwrap().to_owned();
    let payload = payload().to_string();
    let ours = format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}"}}"#);
    assert!(verifier().access(&sign(&ours, &payload)).is_ok());
    for header in [
        format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{kid}"}}"#),
        format!(r#"{{ "typ":"at+jwt","alg":"EdDSA","kid":"{kid}"}}"#),
        format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}","kid":"{kid}"}}"#),
        format!(r#"{{"typ":"AT+JWT","alg":"EdDSA","kid":"{kid}"}}"#),
        format!(r#"{{"typ":"application/at+jwt","alg":"EdDSA","kid":"{kid}"}}"#),
    ] {
        assert_eq!(
            verifier().access(&sign(&header, &payload)),
            Err(Invalid),
            "{header}"
        );
    }
}
