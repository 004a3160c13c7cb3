//! The functions that guard other APIs: who may invoke them, what they may do, and how other stacks name them.

use gatecrumb_testkit::{
    roles::{grants, set},
    template::template,
};
use serde_json::{Value, json};

const AUTHORIZERS: [&str; 2] = ["Authorizer", "AuthorizerStrict"];

#[test]
fn only_authorizers_of_this_accounts_apis_may_invoke_them() {
    let resources = template()["Resources"].clone();
    let resources = resources.as_object().unwrap();
    let permissions = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Lambda::Permission");
    let found: Vec<(&str, &Value)> = permissions
        .map(|(name, permission)| (name.as_str(), &permission["Properties"]))
        .collect();
    let expected = AUTHORIZERS.map(|name| {
        let properties = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": { "!Ref": format!("{name}Function") },
            "Principal": "apigateway.amazonaws.com",
            "SourceAccount": { "!Ref": "AWS::AccountId" },
            "SourceArn": {
                "!Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*/authorizers/*"
            },
        });
        (format!("{name}Permission"), properties)
    });
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, properties)| (name.as_str(), properties))
        .collect();
    assert_eq!(found, expected);
    for name in AUTHORIZERS {
        let function = &resources[&format!("{name}Function")]["Properties"];
        // SAM adds a permission for each event and for a URL.
        for opens in ["Events", "FunctionUrlConfig"] {
            assert!(function.get(opens).is_none(), "{name} has {opens}");
        }
    }
}

#[test]
fn the_stateless_one_may_not_read_the_table_and_the_strict_one_only_reads() {
    assert!(grants("authorizer").is_empty());
    let [grant] = grants("authorizer-strict").try_into().unwrap();
    assert_eq!(grant.actions, set(["BatchGetItem"]));
    assert_eq!(grant.partitions, set(["USER#"]));
}

#[test]
fn other_stacks_can_name_them() {
    let outputs = template()["Outputs"].clone();
    for name in AUTHORIZERS {
        let output = &outputs[format!("{name}FunctionArn")];
        assert_eq!(
            output["Value"],
            json!({ "!GetAtt": format!("{name}Function.Arn") })
        );
    }
}
