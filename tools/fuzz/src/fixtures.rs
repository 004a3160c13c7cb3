//! The keys, configuration and valid tokens that the targets use.

use std::{collections::HashMap, sync::LazyLock};

use gatecrumb_domain::{AccessClaims, Acr, AuthenticationMethods, RefreshClaims, Roles, Timestamp};
use gatecrumb_runtime::Environment;
use gatecrumb_tokens::{Signer, SigningKeys, Verifier, VerifyingKeys};

pub(crate) const ISSUER: &str = "https://auth.example.com";
/// Not secret; only for the targets.
pub(crate) const SEED: [u8; 32] = *b"known to all; only for fuzzing!!";

pub(crate) const DEVICE_KEYS: &str = "{\"1\":\"known-to-all-only-for-the-fuzz-targets\"}";

pub(crate) static KEYS: LazyLock<SigningKeys> = LazyLock::new(|| SigningKeys::from_seed(SEED));

pub(crate) fn kid() -> &'static str {
    KEYS.kids().next().unwrap()
}

pub(crate) static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let keys = VerifyingKeys::from_json(&KEYS.to_public_json()).unwrap();
    Verifier::new(&keys, ISSUER, ISSUER)
});

/// An access and a refresh token, the same in every process: Ed25519 signatures are deterministic.
pub(crate) static TOKENS: LazyLock<[String; 2]> = LazyLock::new(|| {
    let signer = Signer::new(&KEYS, kid(), ISSUER, ISSUER).unwrap();
    let (iat, exp) = (Timestamp(1_790_000_000), Timestamp(4_102_444_800));
    let access = AccessClaims {
        sub: "u".parse().unwrap(),
        sid: "s".parse().unwrap(),
        iat,
        exp,
        jti: "a".parse().unwrap(),
        roles: Roles::default(),
        auth_time: iat,
        amr: AuthenticationMethods::password(),
        acr: Acr::Aal1,
    };
    let refresh = RefreshClaims {
        sub: "u".parse().unwrap(),
        sid: "s".parse().unwrap(),
        jti: "b".parse().unwrap(),
        parent: "a".parse().unwrap(),
        iat,
        exp,
    };
    let access = signer.access(&access).unwrap();
    [
        access.expose().to_owned(),
        signer.refresh(&refresh).unwrap().expose().to_owned(),
    ]
});

/// A valid configuration of a function that signs.
pub(crate) static VARIABLES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let pairs = [
        ("TABLE_NAME", "gatecrumb"),
        ("ISSUER", ISSUER),
        ("ALLOWED_ORIGINS", "https://app.example.com"),
        ("VERIFYING_KEYS", &KEYS.to_public_json()),
        ("SIGNING_KEYS", &KEYS.to_private_json()),
        ("SIGNING_KID", kid()),
        ("DEVICE_KEYS", DEVICE_KEYS),
        ("PROXY_SECRET", "a secret that the proxy knows"),
        ("CLIENT_ADDRESS_HEADER", "x-forwarded-for"),
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "the key's public id"),
        ("AWS_SECRET_ACCESS_KEY", "the key's secret part"),
    ];
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
});

pub(crate) fn environment(variables: HashMap<String, String>) -> Environment {
    Environment::new(move |name| variables.get(name).cloned())
}
