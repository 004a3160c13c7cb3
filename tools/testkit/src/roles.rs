//! Checks that a function's role in the template allows exactly the calls that its real binary makes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    dynamodb_proxy::{DynamoDbProxy, Recorder},
    events::is_served,
    fixtures, logs,
    runtime_api::Process,
    template::{logical_name, template},
};

/// What a statement on the table allows.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Such as `GetItem`.
    pub actions: BTreeSet<String>,
    /// Prefixes of partition keys, such as `USER#`.
    pub partitions: BTreeSet<String>,
}

/// A request to DynamoDB as IAM sees it: an action, and the prefixes of the partition keys that it names.
type Call = (String, BTreeSet<String>);

/// Changes to a function's environment, and the events that it gets.
pub type Scenario<'a> = (&'a [(&'a str, &'a str)], Vec<Value>);

/// The items of a list, or a single value as a list of one.
#[must_use]
pub fn each(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

/// Strings as a set.
pub fn set<T: Into<String>>(items: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    items.into_iter().map(Into::into).collect()
}

/// The statements of a function's role. Conditional statements count as present.
#[must_use]
pub fn statements(function: &str) -> Vec<Value> {
    let name = logical_name(function);
    let resources = template()["Resources"].clone();
    let role = &resources[format!("{name}Role")]["Properties"];
    assert!(
        role.get("ManagedPolicyArns").is_none(),
        "the role has only inline policies"
    );
    let function_role = &resources[format!("{name}Function")]["Properties"]["Role"];
    assert_eq!(function_role, &json!({ "!GetAtt": format!("{name}Role.Arn") }));
    let policies = each(&role["Policies"]).into_iter();
    let all = policies.flat_map(|policy| each(&policy["PolicyDocument"]["Statement"]));
    // `!If [HasSecret, statement, nothing]`
    let all = all.map(|statement| {
        statement
            .get("!If")
            .map_or(statement.clone(), |choice| choice[1].clone())
    });
    all.inspect(|statement| assert_eq!(statement["Effect"], "Allow"))
        .collect()
}

/// Whether a statement is about the table.
#[must_use]
pub fn is_on_the_table(statement: &Value) -> bool {
    statement["Resource"] == json!({ "!GetAtt": "Table.Arn" })
}

/// What a function's role allows on the table.
#[must_use]
pub fn grants(function: &str) -> Vec<Grant> {
    let grant = |statement: &Value| {
        let actions = each(&statement["Action"]);
        let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
        assert_eq!(
            statement["Condition"],
            json!({
                "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys },
                "Null": { "dynamodb:LeadingKeys": "false" },
            }),
            "{function}"
        );
        let keys = each(keys);
        Grant {
            actions: set(actions
                .iter()
                .map(|action| action.as_str().unwrap().strip_prefix("dynamodb:").unwrap())),
            partitions: set(keys
                .iter()
                .map(|key| key.as_str().unwrap().strip_suffix('*').unwrap())),
        }
    };
    let all = statements(function);
    all.iter()
        .filter(|statement| is_on_the_table(statement))
        .map(grant)
        .collect()
}

/// The prefix of a partition key, including the separator.
fn partition(item: &Value) -> String {
    let pk = item["pk"]["S"].as_str().unwrap();
    let (start, _) = pk.split_once('#').unwrap();
    format!("{start}#")
}

/// The permissions that a request needs. Each part of a transaction needs its own.
fn needed(operation: &str, request: &Value) -> Vec<Call> {
    let keyed = |part: &Value| match part.get("Key") {
        Some(key) => partition(key),
        None => partition(&part["Item"]),
    };
    match operation {
        "BatchGetItem" => {
            let keys = request["RequestItems"]["gatecrumb"]["Keys"].as_array().unwrap();
            vec![(operation.to_owned(), keys.iter().map(partition).collect())]
        }
        "TransactWriteItems" => {
            let parts = request["TransactItems"].as_array().unwrap().iter();
            let parts = parts.flat_map(|part| part.as_object().unwrap());
            let action = |kind: &str| match kind {
                "ConditionCheck" => "ConditionCheckItem".to_owned(),
                write => format!("{write}Item"),
            };
            parts
                .map(|(kind, part)| (action(kind), set([keyed(part)])))
                .collect()
        }
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" => {
            vec![(operation.to_owned(), set([keyed(request)]))]
        }
        other => panic!("{other} is no request of a function's"),
    }
}

/// Runs the real binary through each scenario. Together the scenarios must make every call that the role allows on the
/// table, and no other.
pub async fn check(function: &str, binary: &str, scenarios: &[Scenario<'_>]) {
    let (address, _) = fixtures::dynamodb().await;
    let recorder = Recorder::default();
    let proxy = DynamoDbProxy::start(address, recorder.clone()).await;
    for (changes, events) in scenarios {
        let mut variables = fixtures::variables(&proxy.endpoint());
        for (name, value) in *changes {
            variables.push(((*name).to_owned(), (*value).to_owned()));
        }
        let mut process = Process::start(binary, &variables).await;
        for event in events {
            let answer = process.invoke(event).await;
            assert!(is_served(&answer), "{answer}");
        }
        logs::assert_clean(&process.killed().await);
    }
    let calls = recorder.take();
    let calls = calls
        .iter()
        .flat_map(|(operation, request)| needed(operation, request));
    compare(function, &calls.collect());
}

fn compare(function: &str, calls: &BTreeSet<Call>) {
    let grants = grants(function);
    for (action, partitions) in calls {
        let allowed =
            |grant: &Grant| grant.actions.contains(action) && partitions.is_subset(&grant.partitions);
        assert!(
            grants.iter().any(allowed),
            "{function} may not {action} on {partitions:?}"
        );
    }
    for grant in &grants {
        for action in &grant.actions {
            for partition in &grant.partitions {
                let used = |(called, partitions): &Call| called == action && partitions.contains(partition);
                assert!(
                    calls.iter().any(used),
                    "{function} never does {action} on {partition}"
                );
            }
        }
    }
}
