//! Signing keys and device keys in Secrets Manager.

use super::{on_lambda, refuses};
use crate::{
    events,
    fixtures::{self, variables},
    logs,
    runtime_api::Process,
    secrets::SecretsManager,
};

/// Starts the binary as on Lambda. It must refuse signing keys inline. With usable keys in Secrets Manager it must
/// respond to an event that needs no table; with a missing or unusable secret it must not start.
pub async fn check_secret(binary: &str, event: &str) {
    let mut inline = variables("http://127.0.0.1:9");
    inline.push(("AWS_SAM_LOCAL".to_owned(), String::new()));
    refuses(
        binary,
        &inline,
        true,
        &["SIGNING_KEYS", "on Lambda", "SIGNING_KEYS_SECRET"],
    )
    .await;

    let manager = SecretsManager::default();
    manager.put("good", &fixtures::signing_keys().to_private_json());
    manager.put("public", &fixtures::signing_keys().to_public_json());
    manager.put("password", "correct horse battery staple");
    let endpoint = manager.serve().await;
    manager.put("devices", fixtures::DEVICE_KEYS);
    manager.put("skewed", &fixtures::signing_keys().to_private_json());
    let with = |secret: &str, endpoint: &str| on_lambda(secret, "devices", endpoint);
    for secret in ["good", "skewed"] {
        let mut process = Process::start(binary, &with(secret, &endpoint)).await;
        let answer = process.invoke(&events::named(event)).await;
        assert!(
            answer["statusCode"].as_u64().is_some_and(|status| status < 500),
            "{secret}: {answer}"
        );
        logs::assert_clean(&process.killed().await);
    }

    let cases = [
        ("missing", "ResourceNotFoundException", "check that it exists"),
        (
            "forbidden",
            "AccessDeniedException",
            "that the function may read it",
        ),
        // It must not start without the keys. A call that hangs must time out within Lambda's 10 s for the init phase.
        ("hang", "cannot be read", "check that it exists"),
        ("garbage", "cannot be read", "check that it exists"),
        ("broken", "cannot be read", "check that it exists"),
        ("empty", "cannot be read", "check that it exists"),
        ("unsigned", "InvalidSignatureException", "check that it exists"),
        ("password", "JWK Set", "what `gatecrumb key generate` made"),
        ("public", "private", "what `gatecrumb key generate` made"),
    ];
    for (secret, fault, fix) in cases {
        let expected = ["SIGNING_KEYS_SECRET", fault, fix];
        refuses(binary, &with(secret, &endpoint), true, &expected).await;
    }
    let expected = ["SIGNING_KEYS_SECRET", "cannot be read"];
    refuses(binary, &with("good", "http://127.0.0.1:9"), true, &expected).await;
}

/// Starts the binary, which reads device keys, with a missing or unusable secret for them.
pub async fn check_device_secret(binary: &str) {
    let manager = SecretsManager::default();
    manager.put("good", &fixtures::signing_keys().to_private_json());
    manager.put("jwk", &fixtures::signing_keys().to_private_json());
    manager.put("no-key", "{}");
    let endpoint = manager.serve().await;
    for (secret, fault, help) in [
        ("missing", "ResourceNotFoundException", "check that it exists"),
        (
            "forbidden",
            "AccessDeniedException",
            "that the function may read it",
        ),
        ("hang", "cannot be read", "check that it exists"),
        (
            "jwk",
            "not a JSON object with versions as names",
            "32 to 256 visible ASCII",
        ),
        ("no-key", "has no key", "32 to 256 visible ASCII"),
    ] {
        let variables = on_lambda("good", secret, &endpoint);
        refuses(binary, &variables, true, &["DEVICE_KEYS_SECRET", fault, help]).await;
    }
}
