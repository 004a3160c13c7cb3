//! `template.yaml` against what the code does: who may do what, and the table.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "template/roles.rs"]
mod roles;

use std::fs;

use gatecrumb_local::DynamoDb;
use gatecrumb_store::{Connection, Store};
use gatecrumb_testkit::{http::Browser, openapi};
use gatecrumb_tokens::device::DeviceKeys;
use gatecrumb_web::log::{METRIC_NAMESPACE, METRICS};
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

/// The template as JSON, each tag of `CloudFormation` as an object of one member: `{"!Ref": "Table"}`.
fn template() -> Value {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")).unwrap();
    plain(serde_yaml_ng::from_str(&text).unwrap())
}

fn plain(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => json!({ tagged.tag.to_string(): plain(tagged.value) }),
        Yaml::Mapping(map) => {
            let member = |(name, value): (Yaml, Yaml)| (name.as_str().unwrap().to_owned(), plain(value));
            Value::Object(map.into_iter().map(member).collect())
        }
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(plain).collect()),
        other => serde_json::to_value(other).unwrap(),
    }
}

/// One value or several as several.
fn each(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

#[test]
fn only_login_and_refresh_hear_of_signing_keys() {
    let template = template();
    let variables = |function: &str| {
        let variables = &template["Resources"][function]["Properties"]["Environment"]["Variables"];
        variables.as_object().cloned().unwrap_or_default()
    };
    for function in ["LoginFunction", "RefreshFunction"] {
        assert!(variables(function).contains_key("SIGNING_KEYS_SECRET"));
    }
    let common = template["Globals"]["Function"]["Environment"]["Variables"]
        .as_object()
        .unwrap()
        .clone();
    for variables in [common, variables("MeFunction"), variables("LogoutFunction")] {
        assert!(
            variables
                .keys()
                .all(|name| !name.starts_with("SIGNING") && !name.starts_with("DEVICE"))
        );
    }
}

/// What Secrets Manager makes is what login takes: a JSON object of one version and a text.
#[test]
fn the_device_keys_that_the_template_makes_are_usable() {
    let secret = template()["Resources"]["DeviceKeys"]["Properties"]["GenerateSecretString"].clone();
    assert_eq!(secret["ExcludePunctuation"], true);
    let length = usize::try_from(secret["PasswordLength"].as_u64().unwrap()).unwrap();
    let mut made: Value = serde_json::from_str(secret["SecretStringTemplate"].as_str().unwrap()).unwrap();
    made[secret["GenerateStringKey"].as_str().unwrap()] = json!("x".repeat(length));
    assert!(DeviceKeys::from_json(&made.to_string()).is_ok());
}

/// API Gateway knows every header, cookie and query as a variable of the access log.
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

/// What a person may get wrong is refused by `CloudFormation` before anything is made, and the mend is said.
#[test]
fn the_parameters_refuse_what_the_functions_would() {
    let parameters = template()["Parameters"].clone();
    let keys = r#"{"keys":[{"kty":"OKP"}]}"#;
    let private = r#"{"keys":[{"kty":"OKP","d":"x"}]}"#;
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gatecrumb-AbCdEf";
    let cases: [(&str, &[&str], &[&str]); 10] = [
        (
            "AllowedOrigins",
            &[
                "https://app.example.com",
                "https://app.example.com:8443",
                "http://localhost:3000",
            ],
            &[
                "*",
                "",
                "https://app.example.com/",
                "http://app.example.com",
                "HTTPS://app.example.com",
                "null",
            ],
        ),
        (
            "Issuer",
            &["https://example.com"],
            &["", "white space", "quo\"te"],
        ),
        (
            "SigningKeysSecretArn",
            &[arn],
            &["gatecrumb", &arn[..arn.len() - 7]],
        ),
        ("SigningKid", &[&"k".repeat(43)], &["", "short"]),
        ("VerifyingKeys", &[keys], &["", "none", private]),
        (
            "CookieName",
            &["gatecrumb", "a", "shop-2", &"n".repeat(32)],
            &["", "2nd", "Shop", "__Host-a", "a=b", &"n".repeat(33)],
        ),
        (
            "CookieDomain",
            &["", "example.com"],
            &["localhost", ".example.com", "Example.com", "example.com; Secure"],
        ),
        (
            "RefreshMinAgeSeconds",
            &["", "15", "300", "3600"],
            &["14", "5m", "-1"],
        ),
        (
            "ProxySecret",
            &["", "a-secret-of-enough-characters"],
            &["short", "with a space in it"],
        ),
        (
            "DomainName",
            &["", "auth.example.com"],
            &["https://auth.example.com", "AUTH.example.com"],
        ),
    ];
    for (name, good, bad) in cases {
        let parameter = &parameters[name];
        let pattern = fancy_regex::Regex::new(parameter["AllowedPattern"].as_str().unwrap()).unwrap();
        for value in good {
            assert!(pattern.is_match(value).unwrap(), "{name} refuses {value:?}");
        }
        for value in bad {
            assert!(!pattern.is_match(value).unwrap(), "{name} takes {value:?}");
        }
    }
    for (name, parameter) in parameters.as_object().unwrap() {
        let bounded = ["AllowedPattern", "AllowedValues", "MinValue"];
        assert!(
            bounded.iter().any(|bound| parameter.get(*bound).is_some()),
            "{name} takes anything"
        );
        assert!(
            parameter["ConstraintDescription"].is_string(),
            "{name} does not say how to mend it"
        );
    }
}

/// An alarm on a metric that nobody counts would never go off.
#[test]
fn the_alarms_watch_what_the_functions_count() {
    let resources = template()["Resources"].clone();
    let alarms = resources.as_object().unwrap().values();
    let alarms = alarms.filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm");
    let ours = alarms.filter(|alarm| alarm["Properties"]["Namespace"] == METRIC_NAMESPACE);
    let mut watched = 0;
    for alarm in ours {
        let properties = &alarm["Properties"];
        assert!(METRICS.contains(&properties["MetricName"].as_str().unwrap()));
        assert_eq!(properties["Dimensions"][0]["Name"], "FunctionName");
        watched += 1;
    }
    assert_eq!(watched, 2);
}

/// What only login reads stands among login's variables, and each has a parameter.
#[test]
fn every_setting_of_login_can_be_deployed() {
    let template = template();
    let properties = &template["Resources"]["LoginFunction"]["Properties"];
    let variables = properties["Environment"]["Variables"].as_object().unwrap();
    // The one is the template's own secret, the other for sam local alone.
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

#[test]
fn the_routes_are_those_of_the_document() {
    let resources = template()["Resources"].clone();
    let functions = resources.as_object().unwrap().values();
    let events = functions.flat_map(|resource| {
        let events = resource["Properties"]["Events"].as_object().cloned();
        events.unwrap_or_default().into_values()
    });
    let mut deployed: Vec<String> = events
        .map(|event| {
            let route = &event["Properties"];
            let text = |name: &str| route[name].as_str().unwrap().to_owned();
            assert_eq!(
                (&event["Type"], text("PayloadFormatVersion")),
                (&json!("HttpApi"), "2.0".to_owned())
            );
            format!("{} {}", text("Method"), text("Path"))
        })
        .collect();
    deployed.sort();
    let paths = openapi::document()["paths"].as_object().unwrap().iter();
    let mut documented: Vec<String> = paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    documented.sort();
    assert_eq!(deployed, documented);
    assert_eq!(deployed.len(), 4);
}

#[tokio::test]
async fn the_table_is_the_one_that_the_code_creates() {
    let address = DynamoDb::in_memory().unwrap().spawn().await.unwrap();
    let endpoint = format!("http://{address}");
    Store::new(&Connection::local(&endpoint).dynamodb(), "test")
        .create_table()
        .await
        .unwrap();
    let ask = async |operation: &str| {
        let mut browser =
            Browser::new(&endpoint).with_header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        browser
            .post("/", "application/x-amz-json-1.0", "{\"TableName\":\"test\"}")
            .await
            .json()
    };
    let created = ask("DescribeTable").await["Table"].clone();
    let ttl = ask("DescribeTimeToLive").await["TimeToLiveDescription"].clone();
    let table = template()["Resources"]["Table"]["Properties"].clone();
    assert_eq!(table["KeySchema"], created["KeySchema"]);
    assert_eq!(table["AttributeDefinitions"], created["AttributeDefinitions"]);
    assert_eq!(table["BillingMode"], created["BillingModeSummary"]["BillingMode"]);
    assert_eq!(
        table["TimeToLiveSpecification"]["AttributeName"],
        ttl["AttributeName"]
    );
    assert_eq!(
        (
            &table["TimeToLiveSpecification"]["Enabled"],
            &ttl["TimeToLiveStatus"]
        ),
        (&json!(true), &json!("ENABLED"))
    );
    for further in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        assert!(table.get(further).is_none() && created.get(further).is_none());
    }
    assert_eq!(
        table["PointInTimeRecoverySpecification"],
        json!({ "PointInTimeRecoveryEnabled": true })
    );
}
