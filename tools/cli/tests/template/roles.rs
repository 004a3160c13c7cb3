//! What the roles allow. Each function's own tests hold its role against the calls that the function makes.

use std::collections::BTreeSet;

use gatecrumb_testkit::{
    roles::{each, grants, is_on_the_table, set, statements},
    template::{functions, logical_name},
};
use gatecrumb_web::routes::{self, ROUTES};
use serde_json::json;

use super::root_file;

/// Apart from the table: its own log group, tracing, the signing keys for functions that sign, and the device keys for
/// login.
#[test]
fn beside_the_table_each_role_allows_logs_tracing_and_the_keys_of_those_who_sign() {
    for function in functions() {
        let mut found = BTreeSet::new();
        for statement in statements(&function) {
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
        let logs = json!({ "!GetAtt": format!("{}Logs.Arn", logical_name(&function)) });
        let mut expected = BTreeSet::from([
            format!("logs:CreateLogStream on {logs}"),
            format!("logs:PutLogEvents on {logs}"),
            "xray:PutTelemetryRecords on \"*\"".to_owned(),
            "xray:PutTraceSegments on \"*\"".to_owned(),
        ]);
        if signs(&function) {
            let secret = json!({ "!Ref": "SigningKeysSecretArn" });
            expected.insert(format!("secretsmanager:GetSecretValue on {secret}"));
        }
        if function == "login" {
            let secret = json!({ "!Ref": "DeviceKeys" });
            expected.insert(format!("secretsmanager:GetSecretValue on {secret}"));
        }
        assert_eq!(found, expected, "{function}");
    }
}

fn signs(function: &str) -> bool {
    ROUTES
        .iter()
        .any(|route| route.function == function && route.signs)
}

#[test]
fn only_login_reaches_passwords_names_and_the_throttle() {
    for function in functions().iter().filter(|function| *function != "login") {
        for grant in grants(function) {
            assert_eq!(grant.partitions, set(["USER#"]), "{function}");
        }
    }
    let login = grants("login").into_iter();
    let passwords = login.filter(|grant| grant.partitions.contains("PASSWORD#"));
    let actions: BTreeSet<String> = passwords.flat_map(|grant| grant.actions).collect();
    assert_eq!(actions, set(["BatchGetItem", "UpdateItem"]));
}

/// Without these checks nothing would compare the role of a new function with its calls.
#[test]
fn each_function_checks_its_events_and_its_role() {
    for function in functions() {
        let (file, checks) = if routes::functions().any(|with_route| with_route == function) {
            let checks = ["events::check(".to_owned(), "roles::check(".to_owned()];
            (format!("functions/{function}/tests/binary.rs"), checks)
        } else {
            let role = format!("roles::check(\"{function}\"");
            let checks = ["events::check_folder(".to_owned(), role];
            ("functions/authorizer/tests/binary/main.rs".to_owned(), checks)
        };
        let tests = root_file(&file);
        for check in checks {
            assert!(tests.contains(&check), "{function} lacks {check}…)");
        }
    }
}
