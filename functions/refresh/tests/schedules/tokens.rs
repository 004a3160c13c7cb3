//! Refresh tokens on a clock of the schedule's own.
//!
//! The function reads the machine's clock, and no test sleeps. So a token is kept with the schedule's time of its
//! issue, and signed anew when it is sent, as issued so long ago as it is old on the schedule's clock.

use std::{sync::LazyLock, time::Duration};

use gatecrumb_domain::{RefreshClaims, SessionId, Timestamp, TokenId};
use gatecrumb_runtime::now;
use gatecrumb_testkit::{fixtures, logs};
use gatecrumb_tokens::{Signer, Verifier, VerifyingKeys};
use serde_json::{Value, json};

pub(crate) const COOKIE: &str = "__Host-gatecrumb-refresh";

static EVENT: LazyLock<Value> = LazyLock::new(|| gatecrumb_testkit::events::named("refresh/success"));
static SIGNER: LazyLock<Signer> = LazyLock::new(fixtures::signer);
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let keys = VerifyingKeys::from_json(&fixtures::signing_keys().to_public_json()).unwrap();
    Verifier::new(&keys, fixtures::ISSUER, fixtures::ISSUER)
});

/// A token in a jar.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) jti: TokenId,
    pub(crate) parent: TokenId,
    /// The schedule's time when it was issued.
    pub(crate) issued: u64,
}

impl Token {
    /// The event that presents it at this time of the schedule's.
    pub(crate) fn event(&self, session: &SessionId, clock: u64) -> Value {
        let claims = RefreshClaims {
            sub: "refresh".parse().unwrap(),
            sid: session.clone(),
            jti: self.jti.clone(),
            parent: self.parent.clone(),
            iat: now() - Duration::from_secs(clock - self.issued),
            exp: fixtures::FAR,
        };
        let token = SIGNER.refresh(&claims).unwrap();
        logs::never_log(token.expose());
        let mut event = EVENT.clone();
        event["cookies"] = json!([format!("{COOKIE}={}", token.expose())]);
        event
    }
}

/// What the function said.
pub(crate) enum Said {
    /// 200, with a new refresh token when the one presented was old enough.
    Refreshed(Option<Token>),
    /// 401, which clears the cookies; the code.
    SignedOut(String),
    /// 503, which leaves them.
    Unavailable,
}

/// Reads an answer to a request whose clock was read at this time of the schedule's.
pub(crate) fn said(answer: &Value, clock: u64) -> Said {
    let lines: Vec<&str> = answer["cookies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    match answer["statusCode"].as_u64().unwrap() {
        200 => Said::Refreshed(lines.iter().find_map(|line| child(line, clock))),
        401 => {
            assert!(
                lines.iter().all(|line| line.contains("Max-Age=0")),
                "a refusal clears the cookies"
            );
            assert!(lines.iter().any(|line| line.starts_with(COOKIE)));
            Said::SignedOut(body["code"].as_str().unwrap().to_owned())
        }
        503 => {
            assert!(lines.is_empty(), "what may be tried again touches no cookie");
            Said::Unavailable
        }
        status => panic!("{status}: {body}"),
    }
}

fn child(line: &str, clock: u64) -> Option<Token> {
    let value = line.split(';').next()?.strip_prefix(COOKIE)?.strip_prefix('=')?;
    logs::never_log(value);
    let claims = VERIFIER.refresh(value).unwrap().even_if_expired();
    assert!(now().since(claims.iat) < Duration::from_secs(60) && claims.exp > Timestamp(0));
    Some(Token {
        jti: claims.jti,
        parent: claims.parent,
        issued: clock,
    })
}
