//! The table and the logs, and how the stack is built and deployed.

use gatecrumb_admin::Admin as _;
use gatecrumb_aws::Connection;
use gatecrumb_local::DynamoDb;
use gatecrumb_store::Store;
use gatecrumb_testkit::{
    http::Browser,
    template::{takes, template, yaml},
};
use serde_json::json;

use super::root_file;

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

/// `docs/deploy.md` imports the template's table.
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

/// Logs can be evidence, and a later stack may have the same name.
#[test]
fn the_logs_outlive_the_stack_and_do_not_hinder_the_next_one() {
    let resources = template()["Resources"].clone();
    let groups = resources.as_object().unwrap().iter();
    let mut groups = groups
        .filter(|(_, group)| group["Type"] == "AWS::Logs::LogGroup")
        .peekable();
    assert!(groups.peek().is_some());
    for (name, group) in groups {
        // A failed first deployment leaves no logs worth keeping.
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
/// parameters, or if a default replaced the previous deployment's value.
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

/// `--parameter-overrides` replaces those of `samconfig.toml`. What `sam local` needs is in files, so that a command line
/// can name the file and one parameter more.
#[test]
fn the_parameters_of_sam_local_are_in_files() {
    let config = root_file("samconfig.toml");
    for (environment, rest) in [("default", ""), ("arm64", "Architecture=arm64")] {
        for (command, file) in [("local_start_api", "start-api"), ("local_invoke", "invoke")] {
            let header = format!("[{environment}.{command}.parameters]");
            let section = config.split(&header).nth(1).unwrap();
            let named = format!("\"file://events/{file}.yaml\"");
            let value = if rest.is_empty() {
                named
            } else {
                format!("[{named}, \"{rest}\"]")
            };
            let line = section
                .lines()
                .find(|line| line.starts_with("parameter_overrides"));
            assert_eq!(
                line,
                Some(format!("parameter_overrides = {value}").as_str()),
                "{header}"
            );
            let parameters = yaml(&format!("events/{file}.yaml"));
            for (name, value) in parameters.as_object().unwrap() {
                // An unquoted `true` would become `True`.
                assert!(takes(name, value.as_str().unwrap()), "{file}: {name}");
            }
        }
    }
}
