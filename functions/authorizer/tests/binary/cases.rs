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

/// All cases.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |allowed, name: &str, method, cookies: &[String], headers: &[(&str, &str)]| {
        let prefix = if allowed { "allow" } else { "deny" };
        let name = format!("{prefix}-{name}");
        let event = event(&name, method, cookies, headers);
        cases.push(Case { name, event, allowed });
    };
    let good = good();
    let bearer = format!("Bearer {good}");
    let bearer = [("authorization", bearer.as_str())];
    let cookies = [cookie(&good)];
    for (name, token) in bad_tokens() {
        add(false, name, "GET", &[cookie(&token)], &[]);
        let authorization = format!("Bearer {token}");
        add(
            false,
            &format!("bearer-{name}"),
            "GET",
            &[],
            &[("authorization", &authorization)],
        );
    }
    add(false, "nothing", "GET", &[], &[]);
    add(false, "cookie-and-bearer", "GET", &cookies, &bearer);
    let junk = ["1", "2", "3", "4"].map(cookie);
    add(
        false,
        "fifth-candidate",
        "GET",
        &[&junk[..], &cookies].concat(),
        &[],
    );
    add(
        false,
        "http-cookie-name",
        "GET",
        &[format!("gatecrumb-access={good}")],
        &[],
    );
    let other = Fixture::named("refresh").access();
    add(
        false,
        "tokens-disagree",
        "GET",
        &[cookie(&good), cookie(&other)],
        &[],
    );
    add(
        false,
        "two-bearers",
        "GET",
        &[],
        &[("authorization", &format!("Bearer {good},Bearer {good}"))],
    );
    add(false, "basic", "GET", &[], &[("authorization", "Basic bWU6bWU=")]);

    let evil = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let sibling = [
        ("origin", "https://blog.example.com"),
        ("sec-fetch-site", "same-site"),
    ];
    let old_browser = [("origin", "https://evil.example")];
    let ours = [("origin", ORIGIN), ("sec-fetch-site", "same-site")];
    for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "get"] {
        let name = |what: &str| {
            format!(
                "{}-{what}",
                if method == "get" { "lower-case-get" } else { method }.to_lowercase()
            )
        };
        add(false, &name("cross-site"), method, &cookies, &evil);
        add(true, &name("allowed-origin"), method, &cookies, &ours);
    }
    add(false, "post-sibling", "POST", &cookies, &sibling);
    add(false, "post-old-browser", "POST", &cookies, &old_browser);
    for method in ["GET", "HEAD", "OPTIONS"] {
        add(
            true,
            &format!("{}-cross-site", method.to_lowercase()),
            method,
            &cookies,
            &evil,
        );
    }
    add(
        true,
        "post-same-origin",
        "POST",
        &cookies,
        &[("sec-fetch-site", "same-origin")],
    );
    add(
        true,
        "post-bearer-cross-site",
        "POST",
        &[],
        &[bearer[0], evil[0], evil[1]],
    );
    add(true, "cookie", "GET", &cookies, &[]);
    add(true, "bearer", "GET", &[], &bearer);
    add(
        true,
        "bearer-lower-case",
        "GET",
        &[],
        &[("authorization", &format!("bearer {good}"))],
    );
    add(
        true,
        "bearer-upper-case",
        "GET",
        &[],
        &[("authorization", &format!("BEARER  {good} "))],
    );
    add(
        true,
        "two-cookies",
        "GET",
        &[cookie("broken"), cookies[0].clone()],
        &[],
    );
    let expired = signed(&header(), &with("exp", THEN.0 + 900));
    add(
        true,
        "expired-beside-good",
        "GET",
        &[cookie(&expired), cookies[0].clone()],
        &[],
    );
    add(
        true,
        "same-session-twice",
        "GET",
        &[
            cookies[0].clone(),
            cookie(&signed(&header(), &with("jti", "other"))),
        ],
        &[],
    );
    add(
        true,
        "cookie-and-basic",
        "GET",
        &cookies,
        &[("authorization", "Basic bWU6bWU=")],
    );

    let mut query = event("deny-token-in-query", "GET", &[], &[]);
    query["rawQueryString"] = json!(format!("access_token={good}"));
    query["queryStringParameters"] = json!({ "access_token": good });
    let mut method = event("deny-unknown-method", "GET", &cookies, &evil);
    method["requestContext"]["http"]["method"] = Value::Null;
    for (name, event) in [("deny-token-in-query", query), ("deny-unknown-method", method)] {
        cases.push(Case {
            name: name.to_owned(),
            event,
            allowed: false,
        });
    }
    cases
}
