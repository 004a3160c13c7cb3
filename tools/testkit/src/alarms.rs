//! Which of the template's alarms the metrics in a function's log would raise.

use gatecrumb_admin::Admin as _;
use gatecrumb_aws::Connection;
use gatecrumb_local::DynamoDb;
use gatecrumb_store::Store;
use serde_json::{Value, json};

use crate::{events, fixtures, runtime_api::Process, template};

/// Sends login's binary one wrong password for each of `names` usernames, each from its own address. Returns the alarms
/// that this raises within one period.
pub async fn raised_by_spraying(binary: &str, names: u32) -> Vec<String> {
    let address = DynamoDb::in_memory().unwrap().spawn().await.unwrap();
    let endpoint = format!("http://{address}");
    let store = Store::new(&Connection::local(&endpoint).dynamodb(), "gatecrumb");
    store.create_table().await.unwrap();
    let mut variables = fixtures::variables(&endpoint);
    for (name, value) in [("PASSWORD_MEMORY_KIB", "7168"), ("PASSWORD_ITERATIONS", "1")] {
        variables.push((name.to_owned(), value.to_owned()));
    }
    let mut process = Process::start(binary, &variables).await;
    let mut event = events::named("login/unknown-user");
    for visitor in 0..names {
        let body = json!({ "username": format!("name-{visitor}"), "password": "Winter2026!" });
        event["body"] = body.to_string().into();
        event["isBase64Encoded"] = false.into();
        let source = format!("198.51.{}.{}", visitor / 250, visitor % 250);
        event["requestContext"]["http"]["sourceIp"] = source.into();
        let answer = process.invoke(&event).await;
        assert_eq!(answer["statusCode"], 401, "{answer}");
    }
    raised(&process.killed().await)
}

/// The names of the alarms, sorted, that the metrics in these log lines raise when all lines fall within one period.
#[must_use]
pub fn raised(log: &str) -> Vec<String> {
    let template = template::template();
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let mut raised: Vec<String> = template["Resources"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm")
        .filter(|(_, alarm)| {
            let alarm = &alarm["Properties"];
            let Some(metric) = alarm["MetricName"].as_str() else {
                return false;
            };
            assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
            counted(&lines, &alarm["Namespace"], metric) > threshold(&template, &alarm["Threshold"])
        })
        .map(|(name, _)| name.clone())
        .collect();
    raised.sort();
    raised
}

/// The sum of a metric in the embedded metric format.
fn counted(lines: &[Value], namespace: &Value, metric: &str) -> u64 {
    let counts = |line: &&Value| {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        directive["Namespace"] == *namespace && directive["Metrics"][0]["Name"] == metric
    };
    lines
        .iter()
        .filter(counts)
        .filter_map(|line| line[metric].as_u64())
        .sum()
}

fn threshold(template: &Value, value: &Value) -> u64 {
    let default = |name: &str| {
        let default = template["Parameters"][name]["Default"].as_str().unwrap();
        default.parse().unwrap()
    };
    value["!Ref"]
        .as_str()
        .map_or_else(|| value.as_u64().unwrap(), default)
}
