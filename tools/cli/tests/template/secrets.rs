//! Which functions and logs may contain a secret.

use gatecrumb_testkit::template::{logical_name, template};
use gatecrumb_tokens::device::DeviceKeys;
use gatecrumb_web::routes::{ROUTES, Route};
use serde_json::{Value, json};

use super::root_file;

#[test]
fn only_functions_that_sign_know_the_secret_of_the_keys() {
    let template = template();
    let variables = |function: &str| {
        let variables = &template["Resources"][function]["Properties"]["Environment"]["Variables"];
        variables.as_object().cloned().unwrap_or_default()
    };
    let of = |route: &Route| variables(&format!("{}Function", logical_name(route.function)));
    let (signing, others): (Vec<_>, Vec<_>) = ROUTES.iter().partition(|route| route.signs);
    for route in signing {
        assert!(of(route).contains_key("SIGNING_KEYS_SECRET"));
    }
    let common = template["Globals"]["Function"]["Environment"]["Variables"]
        .as_object()
        .unwrap()
        .clone();
    for variables in others.into_iter().map(of).chain([common]) {
        assert!(
            variables
                .keys()
                .all(|name| !name.starts_with("SIGNING") && !name.starts_with("DEVICE"))
        );
    }
}

/// What Secrets Manager generates, login accepts: a JSON object with one version and its key.
#[test]
fn the_device_keys_that_the_template_makes_are_usable() {
    let secret = template()["Resources"]["DeviceKeys"]["Properties"]["GenerateSecretString"].clone();
    assert_eq!(secret["ExcludePunctuation"], true);
    let length = usize::try_from(secret["PasswordLength"].as_u64().unwrap()).unwrap();
    let mut made: Value = serde_json::from_str(secret["SecretStringTemplate"].as_str().unwrap()).unwrap();
    made[secret["GenerateStringKey"].as_str().unwrap()] = json!("x".repeat(length));
    assert!(DeviceKeys::from_json(&made.to_string()).is_ok());
}

/// API Gateway can write every header, cookie and query to the access log.
#[test]
fn the_access_log_holds_no_secret() {
    let format = template()["Resources"]["Api"]["Properties"]["AccessLogSettings"]["Format"].clone();
    let line: Value = serde_json::from_str(format.as_str().unwrap()).unwrap();
    let mut variables: Vec<&str> = line
        .as_object()
        .unwrap()
        .values()
        .map(|value| value.as_str().unwrap())
        .collect();
    variables.sort_unstable();
    assert_eq!(
        variables,
        [
            "$context.error.message",
            "$context.identity.sourceIp",
            "$context.integrationStatus",
            "$context.requestId",
            "$context.requestTime",
            "$context.responseLatency",
            "$context.routeKey",
            "$context.status",
        ]
    );
}

/// Other users of a machine see the arguments of every command.
#[test]
fn no_document_passes_a_secret_as_an_argument() {
    for file in [
        "README.md",
        "docs/deploy.md",
        "docs/configuration.md",
        "docs/deploy-from-release.md",
        "docs/migrate.md",
        "docs/sam-local.md",
        "docs/troubleshooting.md",
    ] {
        let text = root_file(file);
        for (number, line) in text.lines().enumerate() {
            let secret = [
                "ProxySecret=",
                "SigningKeys=",
                "--secret-string \"",
                "--secret-string '",
                "--password ",
            ];
            assert!(
                !secret.iter().any(|secret| line.contains(secret)),
                "{file}:{}: {line}",
                number + 1
            );
        }
    }
}
