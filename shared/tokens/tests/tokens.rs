//! Tokens as an attacker would try them, and the properties that hold for all of them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, RefreshClaims, Role, Roles, SessionId, Timestamp, TokenId, UserId};
use gatecrumb_tokens::{
    Came, Expired, Invalid, Signer, SigningKeys, Verifier, VerifyingKeys,
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
    // In the order in which the signer writes them: it is the only one that is taken.
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

/// A token of that header and payload, byte for byte, properly signed.
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
    // Even when the claims are those of the other kind, and the audience or the type as well.
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

/// RFC 8725 section 3.12: a verifier elsewhere that forgets `typ` still has the audience to tell them by.
#[test]
fn a_refresh_token_has_an_audience_of_its_own() {
    let audience = |token: &str| -> Value {
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&payload).unwrap()["aud"].clone()
    };
    assert_eq!(audience(signer().access(&access()).unwrap().expose()), "audience");
    assert_eq!(
        audience(signer().refresh(&refresh()).unwrap().expose()),
        "audience#refresh"
    );
    // Nor is one of an audience that ends like that.
    let odd = signer_of(&keys(1), "issuer", "audience#refresh")
        .access(&access())
        .unwrap();
    assert_eq!(verifier().refresh(odd.expose()), Err(Invalid));
    let list = with(payload(), "aud", json!(["audience", "audience#refresh"]));
    assert_eq!(
        verifier().access(&forge(&header(), &list)),
        Err(Invalid),
        "we sign no list"
    );
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
fn the_header_is_known_byte_for_byte() {
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

fn policy() -> CookiePolicy {
    CookiePolicy::new(CookieName::default(), true, None, SameSite::Lax).unwrap()
}

/// As a browser sends these values under the access cookie's name.
fn access_cookies(values: &[&str]) -> PresentedCookies {
    let name = policy().name(CookieKind::Access);
    let pairs: Vec<String> = values.iter().map(|value| format!("{name}={value}")).collect();
    PresentedCookies::parse([pairs.join("; ").as_bytes()], &policy())
}

/// An access token of ours whose id is `jti` and which was issued so many seconds after `NOW`.
fn issued(jti: &str, later: u64) -> String {
    let claims = AccessClaims {
        jti: jti.parse().unwrap(),
        iat: NOW + Duration::from_secs(later),
        ..access()
    };
    signer().access(&claims).unwrap().expose().to_owned()
}

/// A token that is ours in all but its signature: anybody can write one, for a kid is public.
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
        "each once"
    );
    assert_eq!(
        ids(&[&old, &new, &twin]),
        ["twin", "new", "old"],
        "of one second the last"
    );
    assert_eq!(ids(&[&twin, &new, &old]), ["new", "twin", "old"]);
}

#[test]
fn an_expired_token_hides_no_good_one() {
    let over = AccessClaims {
        iat: NOW + Duration::from_secs(60),
        exp: NOW,
        ..access()
    };
    let over = signer().access(&over).unwrap();
    let newest = |values: &[&str]| {
        verifier()
            .access_tokens(&access_cookies(values).access)
            .newest(NOW)
    };
    let good = issued("good", 0);
    assert_eq!(
        newest(&[over.expose(), &good]).unwrap().unwrap().jti.as_str(),
        "good"
    );
    assert_eq!(newest(&[over.expose()]), Some(Err(Expired)));
    assert_eq!(newest(&["junk"]), None);
}

/// API Gateway's bound of a request's headers together.
const HEADER_BYTES: usize = 10_240;

#[test]
fn junk_pushes_out_no_good_token() {
    let good = issued("good", 0);
    let foreign = signer_of(&keys(1), "neighbour", "audience")
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
fn the_signatures_that_are_checked_are_more_than_a_header_holds_and_bounded() {
    // The least that gets as far as its signature.
    let claims = AccessClaims {
        sub: "u".parse().unwrap(),
        sid: "s".parse().unwrap(),
        jti: "j".parse().unwrap(),
        iat: Timestamp(0),
        exp: Timestamp(0),
        roles: Roles::default(),
    };
    let least = signer_of(&keys(1), "i", "a")
        .access(&claims)
        .unwrap()
        .expose()
        .len();
    assert!(HEADER_BYTES / ("a-access=; ".len() + least) <= 32, "{least}");
    // Beyond the bound nothing is checked, whatever sends it.
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

#[test]
fn a_token_of_another_issuer_is_told_from_a_broken_one_of_ours() {
    let neighbour = signer_of(&keys(2), "neighbour", "audience")
        .access(&access())
        .unwrap();
    let same_keys = signer_of(&keys(1), "neighbour", "audience")
        .access(&access())
        .unwrap();
    let other_audience = signer_of(&keys(1), "issuer", "other").access(&access()).unwrap();
    let good = issued("good", 0);
    let (neighbour, same_keys) = (neighbour.expose(), same_keys.expose());
    let payload = |json: &str| format!("e30.{}.x", URL_SAFE_NO_PAD.encode(json));
    let came = |foreign, ours| Came { foreign, ours };
    let cases: [(&[&str], Came); 12] = [
        (&[], came(false, false)),
        (&[neighbour], came(true, false)),
        (&[neighbour, same_keys], came(true, false)),
        (&[neighbour, ""], came(true, true)),
        (&[neighbour, &good], came(true, true)),
        (&[other_audience.expose()], came(false, true)),
        (&["junk"], came(false, true)),
        (&[&format!("{neighbour}.x")], came(false, true)),
        (&[&payload(r#"{"iss":"neighbour"}"#)], came(true, false)),
        (&[&payload(r#"{"iss":"issuer"}"#)], came(false, true)),
        (&[&payload(r#"{"iss":["neighbour"]}"#)], came(false, true)),
        (&[&payload(r#"["neighbour"]"#)], came(false, true)),
    ];
    for (values, expected) in cases {
        let cookies = access_cookies(values);
        assert_eq!(
            verifier().access_tokens(&cookies.access).came,
            expected,
            "{values:?}"
        );
        assert_eq!(verifier().came(&cookies.access), expected, "{values:?}");
    }
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
