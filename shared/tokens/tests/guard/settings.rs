//! The guard's variables.

use gatecrumb_tokens::{SigningKeys, guard::Guard};

/// The guard with one variable changed, or the error. An empty value is one that is not set.
fn with(changed: &'static str, value: &'static str) -> Result<(), String> {
    let keys = SigningKeys::from_seed([1; 32]).to_public_json();
    let guard = Guard::from_env(move |name| {
        let default = match name {
            "ISSUER" => "https://auth.example.com",
            "ALLOWED_ORIGINS" => "https://app.example.com",
            "VERIFYING_KEYS" => &keys,
            _ => return (name == changed).then(|| value.to_owned()),
        };
        Some(if name == changed { value } else { default }.to_owned())
    });
    guard.map(drop).map_err(|error| error.to_string())
}

#[test]
fn three_variables_are_enough_and_each_error_names_its_variable() {
    assert_eq!(with("", ""), Ok(()));
    for (variable, value) in [
        ("ISSUER", ""),
        ("VERIFYING_KEYS", ""),
        ("VERIFYING_KEYS", "{\"keys\":[]}"),
        ("VERIFYING_KEYS", "https://auth.example.com/.well-known/jwks.json"),
        ("ALLOWED_ORIGINS", ""),
        ("ALLOWED_ORIGINS", "*"),
        ("AUDIENCE", "https://auth.example.com#refresh"),
        ("COOKIE_NAME", "My Cookie"),
        ("COOKIE_DOMAIN", "com"),
        ("COOKIE_SAMESITE", "strict"),
        ("COOKIE_INSECURE", "yes"),
    ] {
        let error = with(variable, value).unwrap_err();
        assert!(error.starts_with(&format!("{variable} ")), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    insta::assert_snapshot!(
        with("VERIFYING_KEYS", "[]").unwrap_err(),
        @r#"VERIFYING_KEYS is not a JWK Set: expected {"keys":[…]} with keys of kty OKP and crv Ed25519: set it to what `gatecrumb key public` prints"#
    );
}
