//! `template.yaml` of the example, against the local gateway and the calls of the function.

use std::collections::{BTreeMap, BTreeSet};

use gatecrumb_testkit::template;
use gatecrumb_web::routes::Route;
use notes_api::KEYS;
use notes_local::ROUTES;
use serde_json::{Value, json};

use crate::stack::Stack;

fn resource(name: &str) -> Value {
    let template = template::yaml("examples/notes-api/template.yaml");
    template["Resources"][name].clone()
}

/// The authorizer of each route of a function.
fn routes(function: &str) -> BTreeMap<String, Value> {
    let events = resource(function)["Properties"]["Events"].clone();
    let events = events.as_object().unwrap().values();
    let route = |event: &Value| {
        let properties = &event["Properties"];
        assert_eq!(properties["PayloadFormatVersion"], "2.0");
        let [method, path] = ["Method", "Path"].map(|name| properties[name].as_str().unwrap().to_owned());
        (
            format!("{method} {path}"),
            properties["Auth"]["Authorizer"].clone(),
        )
    };
    events.map(route).collect()
}

#[test]
fn its_routes_are_those_of_the_local_gateway() {
    let of = |function: &str| -> Vec<String> {
        let routes = ROUTES.iter().filter(|route| route.function == function);
        routes.map(Route::key).collect()
    };
    let library: BTreeMap<_, _> = of("notes").into_iter().map(|key| (key, Value::Null)).collect();
    assert_eq!(routes("NotesFunction"), library);
    let guarded: BTreeMap<_, _> = of("session")
        .into_iter()
        .map(|key| (key, json!("Gatecrumb")))
        .collect();
    assert_eq!(routes("SessionFunction"), guarded);
}

/// `docs/guard.md` says why.
#[test]
fn the_authorizer_caches_nothing_and_has_no_identity_source() {
    let api = resource("Api")["Properties"].clone();
    assert_eq!(
        api["Auth"],
        json!({ "Authorizers": { "Gatecrumb": {
            "FunctionArn": { "!Ref": "AuthorizerArn" },
            "AuthorizerPayloadFormatVersion": "2.0",
            "EnableSimpleResponses": true,
            "Identity": { "ReauthorizeEvery": 0 },
        } } })
    );
    let cors = &api["CorsConfiguration"];
    assert_eq!(cors["AllowOrigins"], json!({ "!Ref": "AllowedOrigins" }));
    let mut methods: BTreeSet<&str> = ROUTES.iter().map(|route| route.method).collect();
    methods.insert("OPTIONS");
    let allowed = cors["AllowMethods"].as_array().unwrap().iter();
    assert_eq!(
        allowed
            .map(|method| method.as_str().unwrap())
            .collect::<BTreeSet<_>>(),
        methods
    );
}

#[test]
fn its_table_has_the_keys_that_the_function_uses() {
    let table = resource("Table")["Properties"].clone();
    assert_eq!(
        table["KeySchema"],
        json!([
            { "AttributeName": KEYS[0], "KeyType": "HASH" },
            { "AttributeName": KEYS[1], "KeyType": "RANGE" },
        ])
    );
}

/// The actions of a role on each resource.
fn actions(role: &str) -> Vec<(Value, BTreeSet<String>)> {
    let properties = resource(role)["Properties"].clone();
    assert_eq!(properties.get("ManagedPolicyArns"), None);
    let policies = properties["Policies"].as_array().unwrap();
    let statements = policies[0]["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_eq!(policies.len(), 1);
    let actions = |statement: &Value| {
        let actions = statement["Action"].as_array().unwrap().iter();
        let actions = actions.map(|action| action.as_str().unwrap().to_owned());
        (statement["Resource"]["!GetAtt"].clone(), actions.collect())
    };
    statements.iter().map(actions).collect()
}

/// Each role allows exactly the calls of its function.
#[tokio::test]
async fn its_roles_allow_the_calls_of_the_functions_and_no_others() {
    let stack = Stack::start().await;
    let admin = stack.signed_in("carol", &["admin"]).await;
    let _ = stack.faults.seen();
    let added = stack.add(&admin, "milk").await;
    let one = format!("DELETE /notes/{}", added.body["note"]["id"].as_str().unwrap());
    for route in ["GET /notes", "GET /notes/counts", &one, "DELETE /notes"] {
        stack.call(&admin, route).await;
    }
    let called: BTreeSet<String> = stack.faults.seen().into_iter().collect();
    assert_eq!(
        called,
        BTreeSet::from(["Query", "TransactWriteItems"].map(str::to_owned))
    );
    // A transaction needs the permission of each kind of write: put, update and delete in `table.rs`.
    let of = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let table = of(&[
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
    ]);
    let logs = of(&["logs:CreateLogStream", "logs:PutLogEvents"]);
    assert_eq!(
        actions("NotesRole"),
        [
            (json!("Table.Arn"), table),
            (json!("NotesLogs.Arn"), logs.clone())
        ]
    );
    assert_eq!(actions("SessionRole"), [(json!("SessionLogs.Arn"), logs)]);
}
