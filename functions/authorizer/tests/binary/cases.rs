//! The events in `events/authorizer/`: every row of the table of tokens and requests that must be denied, and those that
//! must be allowed. Other verifiers are held against the same files.

use gatecrumb_testkit::fixtures::{Fixture, ORIGIN, THEN};
use serde_json::{Value, json};

use crate::tokens::{
    changed_claims, good, header, hmac_with_the_public_key, kid, malleable, not_canonical, payload, resigned,
    signed, signed_by_another, unsigned, with, without,
};

const COOKIE: &str = "__Host-gatecrumb-access";

/// An event of a guarded route, and what must become of it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) event: Value,
    pub(crate) allowed: bool,
}

/// An event as API Gateway sends it to a REQUEST authorizer, with these changes of its members and headers.
pub(crate) fn event(name: &str, method: &str, cookies: &[String], headers: &[(&str, &str)]) -> Value {
    let route = format!("{method} /notes");
    let mut event = json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": format!("arn:aws:execute-api:eu-central-1:123456789012:fixture/$default/{method}/notes"),
        "identitySource": null,
        "routeKey": route,
        "rawPath": "/notes",
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "host": "auth.example.com",
            "user-agent": "fixture",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "fixture",
            "domainName": "auth.example.com",
            "domainPrefix": "auth",
            "http": {
                "method": method, "path": "/notes", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "fixture",
            },
            "requestId": format!("fixture-authorizer-{name}"),
            "routeKey": route,
            "stage": "$default",
            "time": "21/Sep/2026:14:13:20 +0000",
            "timeEpoch": 1_790_000_000_000_u64,
        },
    });
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    for (name, value) in headers {
        event["headers"][name] = json!(value);
    }
    event
}

pub(crate) fn cookie(token: &str) -> String {
    format!("{COOKIE}={token}")
}

/// Tokens that are no access token of the fixtures' deployment.
fn bad_tokens() -> Vec<(&'static str, String)> {
    let claims = |payload: &Value| signed(&header(), payload);
    let head = |header: &str| signed(header, &payload());
    let seventeen: Vec<String> = (0..17).map(|number| format!("role-{number}")).collect();
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let kid = kid();
    let other_kid = "A".repeat(43);
    vec![
        ("empty", String::new()),
        ("not-a-token", "broken".to_owned()),
        ("expired", claims(&with("exp", THEN.0 + 900))),
        ("exp-string", claims(&with("exp", "4102444800"))),
        ("exp-fraction", claims(&with("exp", 4_102_444_800.5))),
        ("without-exp", claims(&without("exp"))),
        ("without-sub", claims(&without("sub"))),
        ("without-sid", claims(&without("sid"))),
        ("without-iss", claims(&without("iss"))),
        ("without-aud", claims(&without("aud"))),
        ("without-roles", claims(&without("roles"))),
        ("without-auth-time", claims(&without("auth_time"))),
        ("without-amr", claims(&without("amr"))),
        ("without-acr", claims(&without("acr"))),
        ("auth-time-string", claims(&with("auth_time", "1790000000"))),
        ("amr-unknown", claims(&with("amr", json!(["pwd", "face"])))),
        ("acr-unknown", claims(&with("acr", "aal3"))),
        ("another-iss", claims(&with("iss", "https://evil.example"))),
        ("another-aud", claims(&with("aud", "https://other.example"))),
        (
            "several-aud",
            claims(&with("aud", json!([payload()["aud"], "https://other.example"]))),
        ),
        ("sub-characters", claims(&with("sub", "me#USER"))),
        ("sid-characters", claims(&with("sid", "m\u{e9}"))),
        ("seventeen-roles", claims(&with("roles", seventeen))),
        ("refresh-token", Fixture::named("me").refresh()),
        (
            "typ-jwt",
            head(&format!(r#"{{"typ":"JWT","alg":"EdDSA","kid":"{kid}"}}"#)),
        ),
        ("typ-absent", head(&format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#))),
        (
            "crit",
            head(&format!(
                r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}","crit":["exp"]}}"#
            )),
        ),
        ("alg-none", unsigned("none")),
        ("alg-hs256", hmac_with_the_public_key()),
        (
            "alg-es256",
            head(&format!(r#"{{"typ":"at+jwt","alg":"ES256","kid":"{kid}"}}"#)),
        ),
        (
            "embedded-jwk",
            head(&format!(
                r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}","jwk":{jwk}}}"#
            )),
        ),
        (
            "kid-unknown",
            head(&format!(
                r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{other_kid}"}}"#
            )),
        ),
        ("kid-absent", head(r#"{"typ":"at+jwt","alg":"EdDSA"}"#)),
        ("another-key", signed_by_another()),
        (
            "signature-flipped",
            resigned(|mut signature| {
                signature[0] ^= 1;
                signature
            }),
        ),
        ("signature-malleable", resigned(malleable)),
        ("claims-changed", changed_claims()),
        ("padded", format!("{}==", good())),
        ("not-canonical", not_canonical()),
        ("over-4-kib", claims(&with("jti", "j".repeat(4096)))),
    ]
}

fn authorization(value: &str) -> [(&str, &str); 1] {
    [("authorization", value)]
}

type Headers<'a> = &'a [(&'a str, &'a str)];

fn allow(name: &str, method: &str, cookies: &[String], headers: Headers<'_>) -> Case {
    let name = format!("allow-{name}");
    Case {
        event: event(&name, method, cookies, headers),
        allowed: true,
        name,
    }
}

fn deny(name: &str, method: &str, cookies: &[String], headers: Headers<'_>) -> Case {
    let name = format!("deny-{name}");
    Case {
        event: event(&name, method, cookies, headers),
        allowed: false,
        name,
    }
}

/// All cases.
pub(crate) fn all() -> Vec<Case> {
    let tokens = bad_tokens().into_iter().flat_map(|(name, token)| {
        let authorization = format!("Bearer {token}");
        let bearer = [("authorization", authorization.as_str())];
        [
            deny(name, "GET", &[cookie(&token)], &[]),
            deny(&format!("bearer-{name}"), "GET", &[], &bearer),
        ]
    });
    tokens
        .chain(ambiguous())
        .chain(pages())
        .chain(good_requests())
        .chain(odd())
        .collect()
}

/// A good token, but not in a way that says who asks.
fn ambiguous() -> Vec<Case> {
    let good = good();
    let cookies = [cookie(&good)];
    let junk = ["1", "2", "3", "4"].map(cookie);
    let other = cookie(&Fixture::named("refresh").access());
    let bearer = format!("Bearer {good}");
    let twice = format!("{bearer},{bearer}");
    vec![
        deny("nothing", "GET", &[], &[]),
        deny("cookie-and-bearer", "GET", &cookies, &authorization(&bearer)),
        deny("fifth-candidate", "GET", &[&junk[..], &cookies].concat(), &[]),
        deny(
            "http-cookie-name",
            "GET",
            &[format!("gatecrumb-access={good}")],
            &[],
        ),
        deny("tokens-disagree", "GET", &[cookie(&good), other], &[]),
        deny("two-bearers", "GET", &[], &authorization(&twice)),
        deny("basic", "GET", &[], &authorization("Basic bWU6bWU=")),
    ]
}

const EVIL: Headers<'static> = &[
    ("origin", "https://evil.example"),
    ("sec-fetch-site", "cross-site"),
];

/// Requests that pages cause: the cross-origin rule.
fn pages() -> Vec<Case> {
    let cookies = [cookie(&good())];
    let sibling = [
        ("origin", "https://blog.example.com"),
        ("sec-fetch-site", "same-site"),
    ];
    let ours = [("origin", ORIGIN), ("sec-fetch-site", "same-site")];
    let bearer = format!("Bearer {}", good());
    let mut cases = vec![
        deny("post-sibling", "POST", &cookies, &sibling),
        deny("post-old-browser", "POST", &cookies, &EVIL[..1]),
        allow(
            "post-same-origin",
            "POST",
            &cookies,
            &[("sec-fetch-site", "same-origin")],
        ),
        allow(
            "post-bearer-cross-site",
            "POST",
            &[],
            &[("authorization", &bearer), EVIL[0], EVIL[1]],
        ),
    ];
    for (method, name) in [
        ("POST", "post"),
        ("PUT", "put"),
        ("PATCH", "patch"),
        ("DELETE", "delete"),
        ("TRACE", "trace"),
        ("get", "lower-case-get"),
    ] {
        cases.push(deny(&format!("{name}-cross-site"), method, &cookies, EVIL));
        cases.push(allow(&format!("{name}-allowed-origin"), method, &cookies, &ours));
    }
    for (method, name) in [("GET", "get"), ("HEAD", "head"), ("OPTIONS", "options")] {
        cases.push(allow(&format!("{name}-cross-site"), method, &cookies, EVIL));
    }
    cases
}

fn good_requests() -> Vec<Case> {
    let good = good();
    let cookies = [cookie(&good)];
    let beside = |other: &str| [cookie(other), cookie(&good)];
    let expired = signed(&header(), &with("exp", THEN.0 + 900));
    let twin = signed(&header(), &with("jti", "other"));
    let bearers = ["Bearer ", "bearer ", "BEARER  "].map(|scheme| format!("{scheme}{good}"));
    vec![
        allow("cookie", "GET", &cookies, &[]),
        allow("bearer", "GET", &[], &authorization(&bearers[0])),
        allow("bearer-lower-case", "GET", &[], &authorization(&bearers[1])),
        allow("bearer-upper-case", "GET", &[], &authorization(&bearers[2])),
        allow("two-cookies", "GET", &beside("broken"), &[]),
        allow("expired-beside-good", "GET", &beside(&expired), &[]),
        allow("same-session-twice", "GET", &beside(&twin), &[]),
        allow(
            "cookie-and-basic",
            "GET",
            &cookies,
            &authorization("Basic bWU6bWU="),
        ),
    ]
}

fn odd() -> [Case; 2] {
    let good = good();
    let mut query = deny("token-in-query", "GET", &[], &[]);
    query.event["rawQueryString"] = json!(format!("access_token={good}"));
    query.event["queryStringParameters"] = json!({ "access_token": good });
    let mut method = deny("unknown-method", "GET", &[cookie(&good)], EVIL);
    method.event["requestContext"]["http"]["method"] = Value::Null;
    [query, method]
}
