//! `template.yaml`: which values its parameters accept, and the variables that result from them.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

use std::{collections::BTreeMap, fs, sync::LazyLock};

use fancy_regex::Regex;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

use crate::fixtures;

/// A value for each parameter of the template, by name.
pub type Parameters = BTreeMap<String, String>;

/// The ARN of a secret, as `gatecrumb key generate` prints it.
pub const SECRET_ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gatecrumb-AbCdEf";

/// The template as JSON, each tag of `CloudFormation` as an object of one member: `{"!Ref": "Table"}`.
#[must_use]
pub fn template() -> Value {
    yaml("template.yaml")
}

/// A YAML file in the repository's root, converted as for [`template`].
#[must_use]
pub fn yaml(file: &str) -> Value {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let text = fs::read_to_string(format!("{root}/{file}")).unwrap();
    plain(serde_yaml_ng::from_str(&text).unwrap())
}

/// The functions in the template, such as `login`.
#[must_use]
pub fn functions() -> Vec<String> {
    let resources = TEMPLATE["Resources"].as_object().unwrap().iter();
    let functions = resources.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|(name, _)| {
            let mut function = String::new();
            for letter in name.strip_suffix("Function").unwrap().chars() {
                if letter.is_ascii_uppercase() && !function.is_empty() {
                    function.push('-');
                }
                function.push(letter.to_ascii_lowercase());
            }
            function
        })
        .collect()
}

/// How the names of a function's resources begin: `Login` for `login`, `AuthorizerStrict` for `authorizer-strict`.
#[must_use]
pub fn logical_name(function: &str) -> String {
    let mut name = String::new();
    for word in function.split('-') {
        name.push_str(&word[..1].to_uppercase());
        name.push_str(&word[1..]);
    }
    name
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

static TEMPLATE: LazyLock<Value> = LazyLock::new(template);

static PATTERNS: LazyLock<BTreeMap<&'static str, Regex>> = LazyLock::new(|| {
    let parameters = TEMPLATE["Parameters"].as_object().unwrap();
    let compiled = parameters.iter().filter_map(|(name, parameter)| {
        // It must match the entire value.
        let pattern = format!(r"\A(?:{})\z", parameter["AllowedPattern"].as_str()?);
        Some((name.as_str(), Regex::new(&pattern).unwrap()))
    });
    compiled.collect()
});

/// Whether `CloudFormation` accepts this value for this parameter.
#[must_use]
pub fn takes(name: &str, value: &str) -> bool {
    let parameter = &TEMPLATE["Parameters"][name];
    let allowed = |value: &str| {
        let listed = parameter["AllowedValues"].as_array();
        let of_the_list = listed.is_none_or(|listed| listed.iter().any(|one| text(one) == value));
        let pattern = PATTERNS.get(name);
        of_the_list && pattern.is_none_or(|pattern| pattern.is_match(value).unwrap())
    };
    let length = value.chars().count();
    let longest = parameter["MaxLength"].as_u64().unwrap_or(4096);
    if value.len() > 4096 || u64::try_from(length).unwrap() > longest {
        return false;
    }
    match parameter["Type"].as_str().unwrap() {
        "String" => allowed(value),
        "CommaDelimitedList" => value.split(',').all(|item| allowed(item.trim())),
        // Any integer or float.
        "Number" => {
            value.parse::<f64>().is_ok_and(|number| {
                let bound = |name: &str| parameter[name].as_f64();
                let low = bound("MinValue").is_none_or(|bound| number >= bound);
                low && bound("MaxValue").is_none_or(|bound| number <= bound)
            }) && allowed(value)
        }
        other => panic!("a parameter of type {other}"),
    }
}

/// The defaults, and values for the parameters without one, such as the fixtures' keys.
#[must_use]
pub fn chosen() -> Parameters {
    let keys = fixtures::signing_keys();
    let needed = [
        ("AllowedOrigins", "https://app.example.com".to_owned()),
        ("Architecture", "arm64".to_owned()),
        ("Issuer", fixtures::ISSUER.to_owned()),
        ("SigningKeysSecretArn", SECRET_ARN.to_owned()),
        ("SigningKid", keys.kids().next().unwrap().to_owned()),
        ("VerifyingKeys", keys.to_public_json()),
    ];
    let parameters = TEMPLATE["Parameters"].as_object().unwrap().iter();
    let defaults =
        parameters.filter_map(|(name, parameter)| Some((name.clone(), text(parameter.get("Default")?))));
    let mut chosen: Parameters = defaults.collect();
    chosen.extend(needed.map(|(name, value)| (name.to_owned(), value)));
    chosen
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether `CloudFormation` accepts the whole set: each value, by the template's rules.
#[must_use]
pub fn takes_all(set: &Parameters) -> bool {
    let parameters = TEMPLATE["Parameters"].as_object().unwrap();
    let rules = TEMPLATE["Rules"].as_object().unwrap().values();
    let mut assertions = rules
        .filter(|rule| {
            rule.get("RuleCondition")
                .is_none_or(|condition| holds(condition, set))
        })
        .flat_map(|rule| rule["Assertions"].as_array().unwrap());
    parameters.keys().all(|name| set.contains_key(name))
        && set.iter().all(|(name, value)| takes(name, value))
        && assertions.all(|assertion| holds(&assertion["Assert"], set))
}

/// A condition function of a rule.
fn holds(condition: &Value, set: &Parameters) -> bool {
    let (function, arguments) = condition.as_object().unwrap().iter().next().unwrap();
    let arguments = arguments.as_array().unwrap();
    match function.as_str() {
        "!Equals" => resolved(&arguments[0], set) == resolved(&arguments[1], set),
        "!Not" => !holds(&arguments[0], set),
        "!And" => arguments.iter().all(|argument| holds(argument, set)),
        "!Or" => arguments.iter().any(|argument| holds(argument, set)),
        other => panic!("{other} in a rule"),
    }
}

fn resolved(value: &Value, set: &Parameters) -> String {
    if let Some(name) = value.get("!Ref").and_then(Value::as_str) {
        // A reference to a resource: here, its name in lower case.
        return set.get(name).cloned().unwrap_or_else(|| name.to_lowercase());
    }
    if let Some(choice) = value.get("!If") {
        assert_eq!(choice[0], "IsPartitionAws");
        return resolved(&choice[1], set);
    }
    if let Some(join) = value.get("!Join") {
        // CloudFormation trims the items of a list.
        let items = resolved(&join[1], set);
        let items: Vec<&str> = items.split(',').map(str::trim).collect();
        return items.join(join[0].as_str().unwrap());
    }
    text(value)
}

/// What the function named `Login`, `Refresh`, `Me` or `Logout` finds in its environment, Lambda's own variables
/// apart.
#[must_use]
pub fn variables(function: &str, set: &Parameters) -> Vec<(String, String)> {
    let own = &TEMPLATE["Resources"][format!("{function}Function")]["Properties"]["Environment"]["Variables"];
    let common = &TEMPLATE["Globals"]["Function"]["Environment"]["Variables"];
    let all = [common, own].into_iter().filter_map(Value::as_object).flatten();
    all.map(|(name, value)| (name.clone(), resolved(value, set)))
        .collect()
}
