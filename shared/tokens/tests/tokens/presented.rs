//! Several cookies of one name: which of them is used.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, Acr, AuthenticationMethods, RefreshClaims, Roles, Timestamp};
use gatecrumb_tokens::{
    Expired, Received,
    cookies::{CookieKind, CookieName, CookiePolicy, PresentedCookies, SameSite},
};

use serde_json::{Value, json};

use super::{NOW, access, forge, header, keys, payload, refresh, signer, signer_of, verifier, with, without};

fn policy() -> CookiePolicy {
    CookiePolicy::new(CookieName::default(), true, None, SameSite::Lax).unwrap()
}

/// A request with these values of the access cookie.
fn access_cookies(values: &[&str]) -> PresentedCookies {
    let name = policy().name(CookieKind::Access);
    let pairs: Vec<String> = values.iter().map(|value| format!("{name}={value}")).collect();
    PresentedCookies::parse([pairs.join("; ").as_bytes()], &policy())
}

/// An access token of ours with this `jti`, issued `later` seconds after `NOW`.
fn issued(jti: &str, later: u64) -> String {
    let claims = AccessClaims {
        jti: jti.parse().unwrap(),
        iat: NOW + Duration::from_secs(later),
        ..access()
    };
    signer().access(&claims).unwrap().expose().to_owned()
}

/// A token that is valid except for its signature. Anybody can write one, because the `kid` is public.
fn unsigned(number: usize) -> String {
    let token = issued(&format!("unsigned-{number}"), 1000);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{message}.{first}{}", &signature[1..])
}

#[test]
fn of_several_cookies_the_newest_that_verifies_wins() {
    let stranger = AccessClaims {
        iat: NOW + Duration::from_secs(60),
        ..access()
    };
    let stranger = signer_of(&keys(2), "issuer", "audience")
        .access(&stranger)
        .unwrap();
    let (old, new, twin) = (issued("old", 0), issued("new", 9), issued("twin", 9));
    let ids = |values: &[&str]| -> Vec<String> {
        let found = verifier().access_tokens(&access_cookies(values).access);
        found
            .unexpired(NOW)
            .into_iter()
            .map(|claims| claims.jti.to_string())
            .collect()
    };
    assert_eq!(
        ids(&[&new, stranger.expose(), &old, &new, "junk", ""]),
        ["new", "old"],
        "without duplicates"
    );
    assert_eq!(
        ids(&[&old, &new, &twin]),
        ["twin", "new", "old"],
        "the last one of a second is first"
    );
    assert_eq!(ids(&[&twin, &new, &old]), ["new", "twin", "old"]);
}

#[test]
fn refresh_tokens_are_sorted_like_access_tokens() {
    let issued = |jti: &str, later: u64| {
        let claims = RefreshClaims {
            jti: jti.parse().unwrap(),
            iat: NOW + Duration::from_secs(later),
            ..refresh()
        };
        let name = policy().name(CookieKind::Refresh);
        format!("{name}={}", signer().refresh(&claims).unwrap().expose())
    };
    let tokens = [issued("old", 0), issued("new", 9), issued("middle", 5)];
    let cookies = PresentedCookies::parse(tokens.iter().map(String::as_bytes), &policy());
    let tokens = verifier().refresh_tokens(&cookies.refresh).unexpired(NOW);
    let ids: Vec<&str> = tokens.iter().map(|claims| claims.jti.as_str()).collect();
    assert_eq!(ids, ["new", "middle", "old"]);
}

#[test]
fn an_expired_token_does_not_hide_a_valid_one() {
    let expired = AccessClaims {
        iat: NOW + Duration::from_secs(60),
        exp: NOW,
        ..access()
    };
    let expired = signer().access(&expired).unwrap();
    let newest = |values: &[&str]| {
        verifier()
            .access_tokens(&access_cookies(values).access)
            .newest(NOW)
    };
    let good = issued("good", 0);
    assert_eq!(
        newest(&[expired.expose(), &good]).unwrap().unwrap().jti.as_str(),
        "good"
    );
    assert_eq!(newest(&[expired.expose()]), Some(Err(Expired)));
    assert_eq!(newest(&["junk"]), None);
}

/// API Gateway's limit for all headers of a request together.
const HEADER_BYTES: usize = 10_240;

#[test]
fn junk_does_not_displace_a_valid_token() {
    let good = issued("good", 0);
    let foreign = signer_of(&keys(1), "neighbor", "audience")
        .access(&access())
        .unwrap();
    let refresh = signer().refresh(&refresh()).unwrap();
    let kinds: [&dyn Fn(usize) -> String; 6] = [
        &|number| format!("junk{number}"),
        &|_| String::new(),
        &|number| format!("{}.e30.{number}", good.split('.').next().unwrap()),
        &|_| foreign.expose().to_owned(),
        &|_| refresh.expose().to_owned(),
        &unsigned,
    ];
    for junk in kinds {
        for before in [true, false] {
            let mut values: Vec<String> = Vec::new();
            let size = |values: &[String]| values.iter().map(|value| value.len() + 26).sum::<usize>();
            while size(&values) + good.len() < HEADER_BYTES {
                values.push(junk(values.len()));
            }
            values.insert(if before { values.len() } else { 0 }, good.clone());
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let found = verifier().access_tokens(&access_cookies(&values).access);
            assert_eq!(
                found.newest(NOW).unwrap().unwrap().jti.as_str(),
                "good",
                "{}",
                values[1]
            );
        }
    }
}

#[test]
fn the_number_of_verified_signatures_is_bounded_and_more_than_headers_can_contain() {
    // The shortest token whose signature is verified.
    let claims = AccessClaims {
        sub: "u".parse().unwrap(),
        sid: "s".parse().unwrap(),
        jti: "j".parse().unwrap(),
        iat: Timestamp(0),
        exp: Timestamp(0),
        roles: Roles::default(),
        auth_time: Timestamp(0),
        amr: AuthenticationMethods::password(),
        acr: Acr::Aal1,
    };
    let least = signer_of(&keys(1), "i", "a")
        .access(&claims)
        .unwrap()
        .expose()
        .len();
    assert!(HEADER_BYTES / ("a-access=; ".len() + least) <= 32, "{least}");
    // Signatures beyond the bound are not verified.
    let many: Vec<String> = (0..40)
        .map(|number| issued(&format!("token-{number}"), 0))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(
        verifier()
            .access_tokens(&access_cookies(&many).access)
            .authentic()
            .len(),
        32
    );
}

/// Only values that may have a valid signature count towards the bound.
#[test]
fn values_that_cannot_verify_do_not_reach_the_bound() {
    let of = |claims: Value| forge(&header(), &claims);
    let short_signature = |number: usize| {
        let token = issued(&format!("token-{number}"), 0);
        token[..token.len() - 4].to_owned()
    };
    let kinds: [(&str, &dyn Fn(usize) -> String); 4] = [
        ("audience", &|number| {
            of(with(payload(), "aud", json!(number.to_string())))
        }),
        ("claim", &|number| {
            of(without(with(payload(), "sid", json!(number.to_string())), "jti"))
        }),
        ("signature", &short_signature),
        ("key", &|number| {
            let header = with(header(), "kid", json!(number.to_string()));
            forge(&header, &payload())
        }),
    ];
    let good = issued("good", 0);
    for (kind, junk) in kinds {
        let mut values: Vec<String> = (10..50).map(junk).collect();
        values.push(good.clone());
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let found = verifier().access_tokens(&access_cookies(&values).access);
        assert_eq!(found.authentic().len(), 1, "{kind}");
    }
}

#[test]
fn a_token_of_another_issuer_is_distinguished_from_an_invalid_one_of_ours() {
    let neighbor = signer_of(&keys(2), "neighbor", "audience")
        .access(&access())
        .unwrap();
    let same_keys = signer_of(&keys(1), "neighbor", "audience")
        .access(&access())
        .unwrap();
    let other_audience = signer_of(&keys(1), "issuer", "other").access(&access()).unwrap();
    let good = issued("good", 0);
    let (neighbor, same_keys) = (neighbor.expose(), same_keys.expose());
    let payload = |json: &str| format!("e30.{}.x", URL_SAFE_NO_PAD.encode(json));
    let received = |foreign, ours| Received { foreign, ours };
    let cases: [(&[&str], Received); 12] = [
        (&[], received(false, false)),
        (&[neighbor], received(true, false)),
        (&[neighbor, same_keys], received(true, false)),
        (&[neighbor, ""], received(true, true)),
        (&[neighbor, &good], received(true, true)),
        (&[other_audience.expose()], received(false, true)),
        (&["junk"], received(false, true)),
        (&[&format!("{neighbor}.x")], received(false, true)),
        (&[&payload(r#"{"iss":"neighbor"}"#)], received(true, false)),
        (&[&payload(r#"{"iss":"issuer"}"#)], received(false, true)),
        (&[&payload(r#"{"iss":["neighbor"]}"#)], received(false, true)),
        (&[&payload(r#"["neighbor"]"#)], received(false, true)),
    ];
    for (values, expected) in cases {
        let cookies = access_cookies(values);
        assert_eq!(
            verifier().access_tokens(&cookies.access).received,
            expected,
            "{values:?}"
        );
        assert_eq!(verifier().classify(&cookies.access), expected, "{values:?}");
    }
}
