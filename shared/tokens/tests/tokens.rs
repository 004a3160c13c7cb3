//! Tokens as an attacker would try them, and the properties that hold for all of them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_tokens::{
    AccessClaims, Expired, Invalid, RefreshClaims, Role, Roles, SessionId, Signer, SigningKeys, Timestamp,
    TokenId, UserId, Verifier, VerifyingKeys,
    cookies::{CookieKind, CookieName, CookiePolicy, PresentedCookies, SameSite},
};
use proptest::prelude::*;
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

/// A token with any header and payload, properly signed by the key that the verifier trusts.
fn forge(header: &Value, payload: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(header), encode(payload));
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": keys(1).kids().next().unwrap() })
}

fn payload() -> Value {
    json!({ "iss": "issuer", "aud": "audience", "sub": "user", "sid": "session", "iat": NOW, "exp": NOW.0 + 900,
            "jti": "token", "roles": [] })
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

#[test]
fn what_is_signed_reads_back() {
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
fn one_kind_never_passes_for_the_other() {
    let access = signer().access(&access()).unwrap();
    let refresh = signer().refresh(&refresh()).unwrap();
    assert_eq!(verifier().refresh(access.expose()), Err(Invalid));
    assert_eq!(verifier().access(refresh.expose()), Err(Invalid));
    // Even when the claims are those of the other kind.
    let both = with(payload(), "parent", json!("root"));
    assert!(verifier().access(&forge(&header(), &both)).is_ok());
    assert!(verifier().refresh(&forge(&header(), &both)).is_err());
}

#[test]
fn another_key_issuer_or_audience_is_refused() {
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
fn every_check_of_the_header_bites_although_the_signature_is_good() {
    assert!(
        verifier().access(&forge(&header(), &payload())).is_ok(),
        "the forge itself works"
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
    ] {
        assert_eq!(
            verifier().access(&forge(&header, &payload())),
            Err(Invalid),
            "{header}"
        );
    }
}

#[test]
fn every_claim_is_needed_and_typed() {
    for name in ["iss", "aud", "sub", "sid", "iat", "exp", "jti", "roles"] {
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
        ("exp", json!("never")),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("roles", json!(["a b"])),
        ("roles", json!((0..17).map(|n| n.to_string()).collect::<Vec<_>>())),
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
fn of_several_cookies_the_newest_that_verifies_wins() {
    let policy = CookiePolicy::new(CookieName::default(), false, None, SameSite::Lax).unwrap();
    let older = AccessClaims {
        iat: NOW - Duration::from_secs(60),
        ..access()
    };
    let forged = AccessClaims {
        iat: NOW + Duration::from_secs(60),
        ..access()
    };
    let tokens = [
        signer().access(&older).unwrap(),
        signer().access(&access()).unwrap(),
        signer_of(&keys(2), "issuer", "audience").access(&forged).unwrap(),
    ];
    let header = tokens
        .map(|token| format!("gatecrumb-access={}", token.expose()))
        .join("; ");
    let cookies = PresentedCookies::parse([header.as_bytes()], &policy);
    assert_eq!(
        verifier()
            .newest_access(&cookies.access)
            .unwrap()
            .even_if_expired(),
        access()
    );
    assert!(cookies.access.several());
}

#[test]
fn the_largest_token_fits_its_cookie() {
    let longest = |c: char| c.to_string().repeat(64);
    let roles: Vec<Role> = (0..16)
        .map(|n| format!("{n:02}{}", "r".repeat(30)).parse().unwrap())
        .collect();
    let claims = AccessClaims {
        sub: longest('u').parse().unwrap(),
        sid: longest('s').parse().unwrap(),
        jti: longest('j').parse().unwrap(),
        roles: roles.try_into().unwrap(),
        exp: Timestamp(u64::MAX),
        iat: Timestamp(u64::MAX),
    };
    let name = "n".repeat(255);
    let token = signer_of(&keys(1), &name, &name).access(&claims).unwrap();
    let policy = CookiePolicy::new(
        "n".repeat(32).parse().unwrap(),
        true,
        Some("d".repeat(253)),
        SameSite::None,
    )
    .unwrap();
    assert!(
        policy
            .set(CookieKind::Access, token.expose(), Duration::from_secs(900))
            .is_ok()
    );
}

#[test]
fn nothing_secret_shows_in_debug() {
    let token = signer().refresh(&refresh()).unwrap();
    assert_eq!(format!("{token:?}"), "RefreshToken(redacted)");
    assert_eq!(
        format!("{:?}", signer().access(&access()).unwrap()),
        "AccessToken(redacted)"
    );
}

fn id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_-]{1,64}"
}

prop_compose! {
    fn any_access()(
        sub in id(), sid in id(), jti in id(), iat in 0..u64::from(u32::MAX), exp in 0..u64::from(u32::MAX),
        roles in proptest::collection::vec("[A-Za-z0-9.:/_-]{1,32}", 0..16),
    ) -> AccessClaims {
        let roles: Vec<Role> = roles.into_iter().map(|role| role.parse().unwrap()).collect();
        AccessClaims {
            sub: UserId::try_from(sub).unwrap(),
            sid: SessionId::try_from(sid).unwrap(),
            jti: TokenId::try_from(jti).unwrap(),
            iat: Timestamp(iat),
            exp: Timestamp(exp),
            roles: roles.try_into().unwrap(),
        }
    }
}

proptest! {
    #[test]
    fn encode_and_decode_agree(claims in any_access()) {
        let token = signer().access(&claims).unwrap();
        prop_assert_eq!(verifier().access(token.expose()).unwrap().even_if_expired(), claims);
    }

    #[test]
    fn any_change_of_any_byte_is_refused(claims in any_access(), place in any::<prop::sample::Index>(), byte: u8) {
        let token = signer().access(&claims).unwrap();
        let mut bytes = token.expose().as_bytes().to_vec();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        prop_assert!(verifier().access(&String::from_utf8_lossy(&bytes)).is_err());
    }

    #[test]
    fn any_prefix_or_addition_is_refused(claims in any_access(), cut in 1_usize..40, tail in "[ -~]{1,8}") {
        let token = signer().access(&claims).unwrap();
        let text = token.expose();
        prop_assert!(verifier().access(&text[..text.len() - cut]).is_err());
        let longer = format!("{text}{tail}");
        prop_assert!(verifier().access(&longer).is_err());
    }

    #[test]
    fn verifying_rubbish_never_panics(text in "\\PC{0,300}", dotted in "[A-Za-z0-9_-]{0,80}(\\.[A-Za-z0-9_-]{0,80}){0,3}") {
        prop_assert!(verifier().access(&text).is_err());
        prop_assert!(verifier().refresh(&dotted).is_err());
    }

    #[test]
    fn a_cookie_header_never_panics(header in proptest::collection::vec(any::<u8>(), 0..400), secure: bool) {
        let policy = CookiePolicy::new(CookieName::default(), secure, None, SameSite::Lax).unwrap();
        let cookies = PresentedCookies::parse([header.as_slice()], &policy);
        prop_assert!(cookies.access.iter().map(str::len).sum::<usize>() <= header.len());
    }

    #[test]
    fn what_a_set_cookie_stores_reads_back(value in "[A-Za-z0-9._-]{1,200}", secure: bool, others in "[a-z]{1,8}=[a-z]{0,8}") {
        let policy = CookiePolicy::new(CookieName::default(), secure, None, SameSite::Lax).unwrap();
        let set = policy.set(CookieKind::Refresh, &value, Duration::from_secs(1)).unwrap();
        let pair = set.split(';').next().unwrap();
        let header = format!("{others}; {pair}");
        let cookies = PresentedCookies::parse([header.as_bytes()], &policy);
        prop_assert_eq!(cookies.refresh.iter().collect::<Vec<_>>(), [value.as_str()]);
    }
}
