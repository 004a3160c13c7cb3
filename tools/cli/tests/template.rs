//! `template.yaml` against what the code does: who may do what, and the table.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "template/roles.rs"]
mod roles;

use gatecrumb_local::DynamoDb;
use gatecrumb_runtime::log::{METRIC_NAMESPACE, METRICS};
use gatecrumb_store::{Connection, Store};
use gatecrumb_testkit::{
    fixtures,
    http::Browser,
    openapi,
    template::{SECRET_ARN, takes, template, yaml},
};
use gatecrumb_tokens::device::DeviceKeys;
use serde_json::{Value, json};

fn root_file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
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

/// A parameter, values that `CloudFormation` must take, and values that it must refuse.
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

/// What a person may get wrong is refused by `CloudFormation` before anything is made, and the fix is said. The other
/// direction, that whatever it takes starts, is `tests/parameters.rs`.
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
    assert_eq!(watched, 3);
}

/// One visitor must not shut everybody out by using up what the API lets through for all of them.
#[test]
fn the_api_limits_are_far_above_what_one_visitor_sends() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"];
    let routes = api["RouteSettings"].as_object().unwrap().values();
    for settings in routes.chain([&api["DefaultRouteSettings"]]) {
        for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
            let parameter = settings[limit]["!Ref"].as_str().unwrap();
            let default = template["Parameters"][parameter]["Default"].as_str().unwrap();
            assert!(default.parse::<u32>().unwrap() >= 1000, "{parameter}");
        }
    }
}

/// A refusal by the API's own limits reaches no function.
#[test]
fn an_alarm_watches_the_api_for_each_class_of_failure() {
    let resources = template()["Resources"].clone();
    let alarms = resources.as_object().unwrap().values();
    let mut watched: Vec<String> = alarms
        .filter(|alarm| alarm["Properties"]["Namespace"] == "AWS/ApiGateway")
        .map(|alarm| {
            let alarm = &alarm["Properties"];
            assert_eq!(
                alarm["Dimensions"],
                json!([{ "Name": "ApiId", "Value": { "!Ref": "Api" } }])
            );
            alarm["MetricName"].as_str().unwrap().to_owned()
        })
        .collect();
    watched.sort();
    assert_eq!(watched, ["4xx", "5xx"]);
}

/// The logs may be evidence, and a stack of the same name must be able to follow.
#[test]
fn the_logs_outlive_the_stack_and_do_not_hinder_the_next_one() {
    let resources = template()["Resources"].clone();
    let groups = resources.as_object().unwrap().iter();
    let mut groups = groups
        .filter(|(_, group)| group["Type"] == "AWS::Logs::LogGroup")
        .peekable();
    assert!(groups.peek().is_some());
    for (name, group) in groups {
        // After a failed first deployment there is nothing worth keeping.
        assert_eq!(group["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
        assert_eq!(group["UpdateReplacePolicy"], "Retain", "{name}");
        let named = &group["Properties"]["LogGroupName"]["!Sub"];
        let text = named[0].as_str().unwrap();
        assert!(text.ends_with("-${Id}"), "{name}: {text}");
        let id = json!({ "!Select": [2, { "!Split": ["/", { "!Ref": "AWS::StackId" }] }] });
        assert_eq!(named[1]["Id"], id);
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
        assert_eq!(
            text.starts_with("/aws/vendedlogs/"),
            name == "AccessLogs",
            "{text}"
        );
    }
}

/// `sam build` would build for another architecture than `sam deploy` deploys with, if the two read different
/// parameters, or if a default stood in for what the deployment before was given.
#[test]
fn build_and_deploy_read_one_architecture() {
    let config = root_file("samconfig.toml");
    let overrides = |section: &str| {
        let start = config
            .split(&format!("[default.{section}.parameters]"))
            .nth(1)
            .unwrap();
        let lines = start.lines().skip(1).take_while(|line| !line.starts_with('['));
        let mut lines = lines.filter_map(|line| line.strip_prefix("parameter_overrides = "));
        lines.next().map(str::to_owned)
    };
    assert_eq!(overrides("build").as_deref(), Some("\"file://deployment.yaml\""));
    assert_eq!(overrides("build"), overrides("deploy"));
    let template = template();
    assert!(template["Parameters"]["Architecture"].get("Default").is_none());
    let function = &template["Globals"]["Function"];
    assert_eq!(function["Architectures"], json!([{ "!Ref": "Architecture" }]));
}

/// `sam deploy` turns `false` in a parameter file into `False`.
#[test]
fn the_tables_protection_may_be_written_as_yaml_writes_it() {
    for (value, good) in [
        ("true", true),
        ("True", true),
        ("false", true),
        ("False", true),
        ("no", false),
    ] {
        assert_eq!(takes("TableDeletionProtection", value), good, "{value}");
    }
    let protection = template()["Resources"]["Table"]["Properties"]["DeletionProtectionEnabled"].clone();
    assert_eq!(protection, json!({ "!If": ["HasTableProtection", true, false] }));
}

/// The table that `docs/deploy.md` imports is the template's.
#[test]
fn the_documented_import_is_of_the_table() {
    let document = root_file("docs/deploy.md");
    let after = document.split("cat > import.yaml <<'END'\n").nth(1).unwrap();
    let import: serde_yaml_ng::Value = serde_yaml_ng::from_str(after.split("END\n").next().unwrap()).unwrap();
    let import = serde_json::to_value(import).unwrap();
    let mut table = template()["Resources"]["Table"].clone();
    let properties = table["Properties"].as_object_mut().unwrap();
    // Settings of a table that sam deploy turns on again.
    for setting in [
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "TimeToLiveSpecification",
    ] {
        properties.remove(setting);
    }
    assert_eq!(import["Resources"], json!({ "Table": table }));
}

/// What the guard, the throttle and the cookies need reaches the functions through the documented CDN.
#[test]
fn the_documented_cloudfront_can_be_built_and_passes_on_what_is_needed() {
    let resources = yaml("docs/cloudfront.yaml")["Resources"].clone();
    let policy = &resources["OriginRequestPolicy"]["Properties"]["OriginRequestPolicyConfig"];
    // The other behaviours either forward Host, which API Gateway refuses, or cannot add CloudFront's own headers.
    assert_eq!(policy["HeadersConfig"]["HeaderBehavior"], "whitelist");
    let headers = policy["HeadersConfig"]["Headers"].as_array().unwrap();
    let headers: Vec<String> = headers
        .iter()
        .map(|name| name.as_str().unwrap().to_ascii_lowercase())
        .collect();
    assert!(headers.len() <= 10, "CloudFront's quota");
    for needed in [
        "origin",
        "sec-fetch-site",
        "content-type",
        "user-agent",
        "cloudfront-viewer-address",
    ] {
        assert!(headers.iter().any(|name| name == needed), "{needed}");
    }
    for harmful in ["host", "cookie", "x-gatecrumb-proxy"] {
        assert!(!headers.iter().any(|name| name == harmful), "{harmful}");
    }
    assert_eq!(policy["CookiesConfig"]["CookieBehavior"], "all");
    assert_eq!(policy["QueryStringsConfig"]["QueryStringBehavior"], "all");
    let distribution = &resources["Distribution"]["Properties"]["DistributionConfig"];
    let behaviour = &distribution["CacheBehaviors"][0];
    assert_eq!(behaviour["PathPattern"], "/auth/*");
    // The managed policy CachingDisabled.
    assert_eq!(behaviour["CachePolicyId"], "4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    assert_eq!(
        behaviour["OriginRequestPolicyId"],
        json!({ "!Ref": "OriginRequestPolicy" })
    );
    assert!(
        behaviour["AllowedMethods"]
            .as_array()
            .unwrap()
            .contains(&json!("POST"))
    );
    let origins = distribution["Origins"].as_array().unwrap();
    let origin = origins
        .iter()
        .find(|origin| origin["Id"] == behaviour["TargetOriginId"])
        .unwrap();
    assert_eq!(
        origin["OriginCustomHeaders"],
        json!([{ "HeaderName": "x-gatecrumb-proxy", "HeaderValue": { "!Ref": "ProxySecret" } }])
    );
    // One file of parameters serves both stacks.
    let pattern = &yaml("docs/cloudfront.yaml")["Parameters"]["ProxySecret"]["AllowedPattern"];
    assert_eq!(pattern, "^(?!\\{\\{resolve:)[!-~]{16,255}$");
}

/// Other users of a machine see the arguments of every command.
#[test]
fn no_document_passes_a_secret_as_an_argument() {
    for file in [
        "README.md",
        "docs/deploy.md",
        "docs/configuration.md",
        "docs/sam-local.md",
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
