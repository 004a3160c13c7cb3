//! Which values the parameters take.

use gatecrumb_testkit::{
    fixtures,
    template::{SECRET_ARN, takes, template},
};
use serde_json::json;

/// A parameter, values that `CloudFormation` must accept, and values that it must refuse.
type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

const NAMES: [Case; 7] = [
    (
        "CookieName",
        &["gatecrumb", "a", "shop-2", "an-n-of-thirty-two-characters--x"],
        &[
            "",
            "2nd",
            "Shop",
            "__Host-a",
            "a=b",
            "an-n-of-thirty-three-characters-x",
        ],
    ),
    (
        "AllowedOrigins",
        &[
            "https://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com:65535",
            "https://app.example.com:4430,http://[::1]:3000",
            "http://localhost:3000",
        ],
        &[
            "*",
            "",
            "https://app.example.com/",
            "http://app.example.com",
            "HTTPS://app.example.com",
            "null",
            "https://app.example.com:443",
            "http://localhost:80",
            "https://app.example.com:0",
            "https://app.example.com:08443",
            "https://app.example.com:65536",
            "https://app..example.com",
            "https://.example.com",
            "https://-app.example.com",
            "https://app.example.com.",
            "https://app.example.com,",
        ],
    ),
    (
        "Issuer",
        &["https://example.com"],
        &["", "white space", "quo\"te"],
    ),
    (
        "CookieDomain",
        &["", "example.com"],
        &[
            "localhost",
            ".example.com",
            "Example.com",
            "example.com; Secure",
            "192.0.2.1",
            "example.1",
            "example..com",
        ],
    ),
    (
        "ProxySecret",
        &["", "a-secret-of-enough-characters"],
        &[
            "short",
            "with a space in it",
            "{{resolve:secretsmanager:gatecrumb-proxy}}",
        ],
    ),
    ("ClientAddressHeader", &["", "x-client-address"], &["x_y", "x y"]),
    (
        "DomainName",
        &["", "auth.example.com"],
        &["https://auth.example.com", "AUTH.example.com", "192.0.2.1"],
    ),
];

const NUMBERS: [Case; 6] = [
    (
        "RefreshMinAgeSeconds",
        &["", "15", "300", "3600"],
        &["14", "3601", "9999", "5m", "-1"],
    ),
    (
        "AccessTtlSeconds",
        &["60", "900", "3600"],
        &["59", "3601", "900.5", "900.0", "9e2", "0900", "+900", " 900"],
    ),
    (
        "SessionIdleSeconds",
        &["60", "34560000"],
        &["59", "34560001", "1e6", "60.5", ""],
    ),
    (
        "SessionsNotBefore",
        &["0", "1790000000", "9999999999"],
        &["10000000000", "-1", "0.5", "1e9"],
    ),
    (
        "PasswordMemoryKib",
        &["7168", "131072"],
        &["7167", "131073", "7168.5"],
    ),
    ("PasswordIterations", &["1", "10"], &["0", "11", "1.5"]),
];

fn check_case(name: &str, good: &[&str], bad: &[&str]) {
    for value in good {
        assert!(takes(name, value), "{name} refuses {value:?}");
    }
    for value in bad {
        assert!(!takes(name, value), "{name} takes {value:?}");
    }
}

/// `CloudFormation` refuses likely mistakes before it creates anything, with a message that names the fix.
/// `tests/parameters.rs` checks the reverse: the functions start with whatever `CloudFormation` accepts.
#[test]
fn the_parameters_refuse_what_the_functions_would() {
    for (name, good, bad) in NAMES.into_iter().chain(NUMBERS) {
        check_case(name, good, bad);
    }
    let label = "a".repeat(63);
    check_case(
        "AllowedOrigins",
        &[],
        &[&format!("https://{label}.{label}.{label}.{label}.com")],
    );
    check_case(
        "CookieDomain",
        &[&format!("{label}.com")],
        &[&format!("{label}a.com")],
    );
    check_case("ClientAddressHeader", &[&"a".repeat(64)], &[&"a".repeat(65)]);
}

#[test]
fn the_parameters_refuse_what_is_no_key() {
    let keys = fixtures::signing_keys();
    let kid = keys.kids().next().unwrap();
    check_case("SigningKid", &[kid], &["", "short", &"B".repeat(43)]);
    check_case(
        "VerifyingKeys",
        &[&keys.to_public_json()],
        &[
            "",
            "none",
            "{\"keys\":[]}",
            "{\"keys\":[{\"kty\":\"OKP\"}]}",
            &keys.to_private_json(),
        ],
    );
    let [china, gov] = ["arn:aws-cn:", "arn:aws-us-gov:"].map(|start| SECRET_ARN.replace("arn:aws:", start));
    let without_suffix = &SECRET_ARN[..SECRET_ARN.len() - 7];
    check_case(
        "SigningKeysSecretArn",
        &["", SECRET_ARN, &china, &gov],
        &["gatecrumb", without_suffix],
    );
}

#[test]
fn every_parameter_is_bounded_and_says_how_to_fix_it() {
    for (name, parameter) in template()["Parameters"].as_object().unwrap() {
        let bounded = ["AllowedPattern", "AllowedValues"];
        assert!(
            bounded.iter().any(|bound| parameter.get(*bound).is_some()),
            "{name} takes anything, or any float between its bounds"
        );
        assert!(
            parameter["ConstraintDescription"].is_string(),
            "{name} does not say how to fix it"
        );
        let default = parameter
            .get("Default")
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        assert!(
            default.is_none_or(|value| takes(name, &value)),
            "{name}'s default is refused"
        );
    }
}

/// Each setting that only login reads is a variable of login alone and has a parameter.
#[test]
fn every_setting_of_login_can_be_deployed() {
    let template = template();
    let properties = &template["Resources"]["LoginFunction"]["Properties"];
    let variables = properties["Environment"]["Variables"].as_object().unwrap();
    // The first is the template's own secret, the second only for `sam local`.
    assert_eq!(variables["DEVICE_KEYS_SECRET"], json!({ "!Ref": "DeviceKeys" }));
    assert_eq!(variables["DEVICE_KEYS"], "");
    let set = variables
        .iter()
        .filter(|(name, _)| !name.starts_with("DEVICE_KEYS"));
    for (variable, value) in set {
        let parameter = value["!Ref"].as_str().unwrap();
        assert!(template["Parameters"][parameter].is_object(), "{variable}");
    }
    for variable in [
        "THROTTLE_PAIR_FAILURES",
        "THROTTLE_ACCOUNT_FAILURES",
        "THROTTLE_ADDRESS_FAILURES",
    ] {
        assert!(variables.contains_key(variable));
    }
    assert!(!variables.contains_key("THROTTLE"), "it cannot be switched off");
}
