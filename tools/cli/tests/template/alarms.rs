//! What the alarms watch.

use gatecrumb_runtime::log::{METRIC_NAMESPACE, METRICS};
use gatecrumb_testkit::template::{functions, logical_name, template};
use serde_json::{Value, json};

/// The properties of the alarms, by name.
fn alarms() -> Vec<(String, Value)> {
    let resources = template()["Resources"].clone();
    let resources = resources.as_object().unwrap().iter();
    let alarms = resources.filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
    alarms
        .map(|(name, alarm)| (name.clone(), alarm["Properties"].clone()))
        .collect()
}

/// Each reference to a function in a value.
fn watched(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get("!Ref") {
                found.extend(name.strip_suffix("Function").map(str::to_lowercase));
            }
            members.values().for_each(|member| watched(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| watched(item, found)),
        _ => {}
    }
}

/// An alarm takes at most ten metrics. With twelve functions the alarms of today must still be possible, so none may
/// get another metric for each function.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html>
#[test]
fn no_alarm_runs_out_of_metrics_as_functions_are_added() {
    const MOST: usize = 10;
    const FUNCTIONS: usize = 12;
    for (name, alarm) in alarms() {
        let metrics = alarm["Metrics"].as_array().map_or(1, Vec::len);
        let mut functions = Vec::new();
        watched(&alarm, &mut functions);
        let of_each = if functions.len() > 1 { FUNCTIONS } else { 1 };
        assert!(metrics * of_each <= MOST, "{name} has {metrics} metrics");
    }
}

#[test]
fn each_function_has_an_alarm_on_errors_throttles_and_duration() {
    for function in functions() {
        let resource = logical_name(&function);
        let threshold = match function.as_str() {
            "login" => json!({ "!Ref": "LoginP99Milliseconds" }),
            _ => json!({ "!Ref": "OtherP99Milliseconds" }),
        };
        for (name, metric, threshold) in [
            ("Errors", "Errors", json!(0)),
            ("Throttles", "Throttles", json!(0)),
            ("P99", "Duration", threshold),
        ] {
            let alarm = &template()["Resources"][format!("{resource}{name}Alarm")]["Properties"];
            let dimension =
                json!([{ "Name": "FunctionName", "Value": { "!Ref": format!("{resource}Function") } }]);
            assert_eq!(alarm["Namespace"], "AWS/Lambda", "{resource}{name}Alarm");
            assert_eq!(alarm["MetricName"], metric);
            assert_eq!(alarm["Dimensions"], dimension);
            assert_eq!(alarm["Threshold"], threshold);
            assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
        }
    }
}

/// An alarm on a metric that no function counts would never fire.
#[test]
fn the_alarms_watch_what_the_functions_count() {
    let all = alarms().into_iter();
    let ours = all.filter(|(_, alarm)| alarm["Namespace"] == METRIC_NAMESPACE);
    let mut watched = 0;
    for (_, properties) in ours {
        assert!(METRICS.contains(&properties["MetricName"].as_str().unwrap()));
        assert_eq!(properties["Dimensions"][0]["Name"], "FunctionName");
        watched += 1;
    }
    assert_eq!(watched, 3);
}

/// A refusal by the API's own limits reaches no function.
#[test]
fn an_alarm_watches_the_api_for_each_class_of_failure() {
    let mut watched: Vec<String> = alarms()
        .into_iter()
        .filter(|(_, alarm)| alarm["Namespace"] == "AWS/ApiGateway")
        .map(|(_, alarm)| {
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
