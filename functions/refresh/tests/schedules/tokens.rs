//! Refresh tokens as the function issues them.

use std::sync::LazyLock;

use gatecrumb_domain::{RefreshClaims, SessionId, Timestamp, TokenId};
use gatecrumb_testkit::{events, fixtures, logs, openapi};
use gatecrumb_tokens::{Verifier, VerifyingKeys};
use serde_json::{Value, json};

pub(crate) const COOKIE: &str = "__Host-gatecrumb-refresh";

static EVENT: LazyLock<Value> = LazyLock::new(|| events::named("refresh/success"));
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let keys = VerifyingKeys::from_json(&fixtures::signing_keys().to_public_json()).unwrap();
    Verifier::new(&keys, fixtures::ISSUER, fixtures::ISSUER)
});

/// A token in a jar.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) jti: TokenId,
    pub(crate) parent: TokenId,
    value: String,
}

impl Token {
    /// The first token of a session, as a sign-in issues it.
    pub(crate) fn first(session: SessionId, root: TokenId, jti: TokenId, now: Timestamp) -> Self {
        let claims = RefreshClaims {
            sub: "refresh".parse().unwrap(),
            sid: session,
            jti,
            parent: root,
            iat: now,
            exp: fixtures::FAR,
        };
        let token = fixtures::signer().refresh(&claims).unwrap();
        Self::of(claims, token.expose())
    }

    fn of(claims: RefreshClaims, value: &str) -> Self {
        logs::never_log(value);
        Self {
            jti: claims.jti,
            parent: claims.parent,
            value: value.to_owned(),
        }
    }

    /// The event that presents it.
    pub(crate) fn event(&self) -> Value {
        let mut event = EVENT.clone();
        event["cookies"] = json!([format!("{COOKIE}={}", self.value)]);
        event
    }
}

/// The function's response.
pub(crate) enum Said {
    /// 200, with a new refresh token if the presented one was old enough.
    Refreshed(Option<Token>),
    /// 401, which clears the cookies, and its code.
    SignedOut(String),
    /// 503, which changes no cookie.
    Unavailable,
}

/// Reads the response to a request that arrived at this time.
pub(crate) fn said(answer: &Value, arrived: Timestamp) -> Said {
    openapi::check_event(&EVENT, answer).unwrap();
    let lines: Vec<&str> = answer["cookies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    match answer["statusCode"].as_u64().unwrap() {
        200 => Said::Refreshed(lines.iter().find_map(|line| child(line, arrived))),
        401 => {
            assert!(
                lines.iter().all(|line| line.contains("Max-Age=0")),
                "a refusal clears the cookies"
            );
            assert!(lines.iter().any(|line| line.starts_with(COOKIE)));
            Said::SignedOut(body["code"].as_str().unwrap().to_owned())
        }
        503 => {
            assert!(lines.is_empty(), "503 changes no cookie");
            Said::Unavailable
        }
        status => panic!("{status}: {body}"),
    }
}

fn child(line: &str, arrived: Timestamp) -> Option<Token> {
    let value = line.split(';').next()?.strip_prefix(COOKIE)?.strip_prefix('=')?;
    let claims = VERIFIER.refresh(value).unwrap().even_if_expired();
    assert_eq!(claims.iat, arrived, "issued when the request arrived");
    assert!(claims.exp > claims.iat);
    Some(Token::of(claims, value))
}
