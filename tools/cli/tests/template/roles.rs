//! Each function's role against what the function does: nothing is missing, and nothing is there beside it.

use std::collections::BTreeSet;

use gatecrumb_runtime::Host;
use gatecrumb_testkit::{
    dynamodb_proxy::{DynamoDbProxy, Recorder},
    events::{self, named as event},
    fixtures, function, logs,
};
use gatecrumb_web::{Handler, HttpService};
use serde_json::{Value, json};

use super::{each, template};

/// What a statement on the table allows.
#[derive(Clone, Debug)]
struct Grant {
    /// Such as `GetItem`.
    actions: BTreeSet<String>,
    /// The starts of the partition keys, such as `USER#`.
    partitions: BTreeSet<String>,
}

/// A request to DynamoDB as IAM sees it: an action, and the partitions that it names, by the start of their keys.
type Call = (String, BTreeSet<String>);

fn set<T: Into<String>>(items: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    items.into_iter().map(Into::into).collect()
}

/// The statements of a function's role, each on.
fn statements(function: &str) -> Vec<Value> {
    let resources = template()["Resources"].clone();
    let role = &resources[format!("{function}Role")]["Properties"];
    assert!(
        role.get("ManagedPolicyArns").is_none(),
        "nothing beside what is written out"
    );
    let function_role = &resources[format!("{function}Function")]["Properties"]["Role"];
    assert_eq!(
        function_role,
        &json!({ "!GetAtt": format!("{function}Role.Arn") })
    );
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

fn is_on_the_table(statement: &Value) -> bool {
    statement["Resource"] == json!({ "!GetAtt": "Table.Arn" })
}

/// What a function's role allows on the table.
fn grants(function: &str) -> Vec<Grant> {
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

/// Beside the table: its own log group, tracing, the signing keys of those who sign, and of login the device keys.
#[test]
fn beside_the_table_each_role_allows_logs_tracing_and_the_keys_of_those_who_sign() {
    for (function, signs) in [
        ("Login", true),
        ("Refresh", true),
        ("Me", false),
        ("Logout", false),
    ] {
        let mut found = BTreeSet::new();
        for statement in statements(function) {
            if !is_on_the_table(&statement) {
                for action in each(&statement["Action"]) {
                    found.insert(format!(
                        "{} on {}",
                        action.as_str().unwrap(),
                        statement["Resource"]
                    ));
                }
            }
        }
        let logs = json!({ "!GetAtt": format!("{function}Logs.Arn") });
        let mut expected = BTreeSet::from([
            format!("logs:CreateLogStream on {logs}"),
            format!("logs:PutLogEvents on {logs}"),
            "xray:PutTelemetryRecords on \"*\"".to_owned(),
            "xray:PutTraceSegments on \"*\"".to_owned(),
        ]);
        if signs {
            let secret = json!({ "!Ref": "SigningKeysSecretArn" });
            expected.insert(format!("secretsmanager:GetSecretValue on {secret}"));
        }
        if function == "Login" {
            let secret = json!({ "!Ref": "DeviceKeys" });
            expected.insert(format!("secretsmanager:GetSecretValue on {secret}"));
        }
        assert_eq!(found, expected, "{function}");
    }
}

#[test]
fn only_login_reaches_passwords_names_and_the_throttle() {
    for function in ["Refresh", "Me", "Logout"] {
        for grant in grants(function) {
            assert_eq!(grant.partitions, set(["USER#"]), "{function}");
        }
    }
    let login = grants("Login").into_iter();
    let passwords = login.filter(|grant| grant.partitions.contains("PASSWORD#"));
    let actions: BTreeSet<String> = passwords.flat_map(|grant| grant.actions).collect();
    assert_eq!(actions, set(["BatchGetItem", "UpdateItem"]));
}

/// The fixtures' table behind a proxy that records every call: its endpoint, and the record.
async fn recorded() -> (String, Recorder) {
    logs::capture();
    let (address, _) = fixtures::dynamodb().await;
    let calls = Recorder::default();
    let proxy = DynamoDbProxy::start(address, calls.clone()).await;
    (proxy.endpoint(), calls)
}

/// The start of a partition key, the separator included.
fn partition(item: &Value) -> String {
    let pk = item["pk"]["S"].as_str().unwrap();
    let (start, _) = pk.split_once('#').unwrap();
    format!("{start}#")
}

/// What IAM is asked of a request: of a transaction, each of its parts by itself.
fn asked_of_iam(operation: &str, request: &Value) -> Vec<Call> {
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

async fn calls_of<H: Handler>(function: HttpService<H>, calls: &Recorder, given: &[Value]) -> BTreeSet<Call> {
    for event in given {
        function::invoke(&function, event).await;
    }
    let calls = calls.take();
    let asked = calls
        .iter()
        .flat_map(|(operation, request)| asked_of_iam(operation, request));
    asked.collect()
}

/// The events of a function, and `further`.
fn given(function: &str, further: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let own = events::of(function).into_iter();
    own.map(|stored| stored.event()).chain(further).collect()
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

#[tokio::test]
async fn each_role_allows_what_its_function_asks_and_nothing_else() {
    let (endpoint, calls) = recorded().await;
    let env = |changes: &[(&str, &str)]| function::environment(&endpoint, changes);

    // A browser that had a session signs in, and the hash's cost has changed.
    let mut again = event("login/success");
    again["cookies"] = event("refresh/success")["cookies"].clone();
    // One signs in where somebody has before.
    let mut known = event("login/success");
    known["cookies"] = json!([fixtures::known_device("login")]);
    let login = login::start(env(&[("PASSWORD_ITERATIONS", "1")]), Host::lambda())
        .await
        .unwrap();
    compare(
        "Login",
        &calls_of(login, &calls, &given("login", [again, known])).await,
    );

    // A token that is too young to rotate.
    let young = [
        ("REFRESH_MIN_AGE_SECONDS", "3600"),
        ("ACCESS_TTL_SECONDS", "3600"),
    ];
    let refresh = refresh::start(env(&young), Host::lambda()).await.unwrap();
    let fresh = sign_in(&endpoint, &calls).await;
    let mut called = calls_of(refresh, &calls, &[fresh]).await;
    let refresh = refresh::start(env(&[]), Host::lambda()).await.unwrap();
    called.extend(calls_of(refresh, &calls, &given("refresh", [])).await);
    compare("Refresh", &called);

    let me = me::start(env(&[]), Host::lambda()).await.unwrap();
    compare("Me", &calls_of(me, &calls, &given("me", [])).await);
    let logout = logout::start(env(&[]), Host::lambda()).await.unwrap();
    compare("Logout", &calls_of(logout, &calls, &given("logout", [])).await);
}

/// A refresh by the cookies of a sign-in.
async fn sign_in(endpoint: &str, calls: &Recorder) -> Value {
    let login = login::start(function::environment(endpoint, &[]), Host::lambda())
        .await
        .unwrap();
    let answer = function::invoke(&login, &event("login/success")).await;
    drop(calls.take());
    let lines = answer["cookies"].as_array().unwrap().iter();
    let mut refresh = event("refresh/success");
    let pairs = lines.map(|line| line.as_str().unwrap().split(';').next().unwrap());
    refresh["cookies"] = pairs.collect();
    refresh
}
