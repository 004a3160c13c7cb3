//! Several cookies of one name: which of them counts.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, Roles, Timestamp};
use gatecrumb_tokens::{
    Came, Expired,
    cookies::{CookieKind, CookieName, CookiePolicy, PresentedCookies, SameSite},
};

use super::{NOW, access, keys, refresh, signer, signer_of, verifier};

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
