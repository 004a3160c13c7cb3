//! The tables of `docs/configuration.md` against the code that reads the variables and the parameters of
//! `template.yaml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fancy_regex::Regex;
use gatecrumb_runtime::{ConfigError, Environment, config::sessions};
use gatecrumb_testkit::{
    startup::faults::EVERYWHERE,
    template::{functions, logical_name, takes, template},
};
use serde_json::Value;

use super::root_file;

/// A row of a table: its cells by the names of their columns.
type Row = BTreeMap<String, String>;

/// The rows of all tables whose first column has this name, and which have a column `range`.
fn rows(first: &str) -> Vec<Row> {
    let document = root_file("docs/configuration.md");
    let mut header: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for line in document.lines() {
        let Some(line) = line
            .strip_prefix('|')
            .and_then(|line| line.trim_end().strip_suffix('|'))
        else {
            header.clear();
            continue;
        };
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        if header.is_empty() {
            header = cells;
        } else if header[0] == first
            && header.iter().any(|column| column == "range")
            && !cells[0].starts_with("--")
        {
            assert_eq!(cells.len(), header.len(), "{line}");
            rows.push(header.iter().cloned().zip(cells).collect());
        }
    }
    rows
}

/// What is between the first two backticks, or all of the cell.
fn name(cell: &str) -> &str {
    cell.split('`').nth(1).unwrap_or(cell)
}

/// Names of variables as strings in the sources of a folder, without those that Lambda sets for itself.
fn read_in(folder: &Path, found: &mut BTreeSet<String>) {
    let variable = Regex::new(r#""([A-Z][A-Z0-9_]{3,})""#).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let names = variable
                .captures_iter(source.as_str())
                .map(|names| names.unwrap());
            found.extend(names.map(|names| names[1].to_owned()));
        }
    }
}

/// Each variable that the template sets from a parameter, with the functions that get it.
fn set_by_the_template() -> BTreeMap<(String, String), BTreeSet<String>> {
    let template = template();
    let common = &template["Globals"]["Function"]["Environment"]["Variables"];
    let mut set: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for function in functions() {
        let resource = format!("{}Function", logical_name(&function));
        let own = &template["Resources"][resource]["Properties"]["Environment"]["Variables"];
        for (variable, value) in [common, own].into_iter().filter_map(Value::as_object).flatten() {
            let parameter = value.get("!Ref").or_else(|| value["!Join"][1].get("!Ref"));
            let parameter = parameter
                .and_then(Value::as_str)
                .filter(|name| template["Parameters"][name].is_object());
            if let Some(parameter) = parameter {
                let pair = (variable.clone(), parameter.to_owned());
                set.entry(pair).or_default().insert(function.clone());
            }
        }
    }
    set
}

#[test]
fn every_variable_that_the_functions_read_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut read = BTreeSet::new();
    for part in ["shared/runtime/src", "shared/tokens/src/config"] {
        read_in(&root.join(part), &mut read);
    }
    for function in functions() {
        // One package has two functions.
        let package = function.strip_suffix("-strict").unwrap_or(&function);
        read_in(&root.join("functions").join(package).join("src"), &mut read);
    }
    let faults = EVERYWHERE.into_iter().flatten();
    read.extend(faults.map(|(variable, ..)| (*variable).to_owned()));

    let (of_lambda, read): (BTreeSet<_>, _) = read
        .into_iter()
        .partition(|name| name.starts_with("AWS_LAMBDA_") || name == "AWS_SAM_LOCAL");
    let listed: Vec<String> = rows("variable")
        .iter()
        .map(|row| name(&row["variable"]).to_owned())
        .collect();
    let unique: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(unique.len(), listed.len(), "a variable is listed twice");
    assert_eq!(unique, read);
    let document = root_file("docs/configuration.md");
    for name in of_lambda {
        assert!(document.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_variable_has_the_parameter_that_sets_it() {
    let documented: BTreeMap<_, _> = rows("variable")
        .iter()
        .filter(|row| row["parameter"] != "–")
        .map(|row| {
            let pair = (
                name(&row["variable"]).to_owned(),
                name(&row["parameter"]).to_owned(),
            );
            let readers = row["read by"].replace("all", "login, refresh, me, logout");
            let readers: BTreeSet<String> = readers.split(", ").map(str::to_owned).collect();
            (pair, readers)
        })
        .collect();
    let set = set_by_the_template();
    let pairs = |map: &BTreeMap<_, _>| map.keys().cloned().collect::<Vec<(String, String)>>();
    assert_eq!(pairs(&documented), pairs(&set));
    let every = functions().len();
    for (pair, readers) in documented {
        // A global variable reaches functions that do not read it.
        let reached = &set[&pair];
        assert!(
            readers == *reached || (reached.len() == every && readers.is_subset(reached)),
            "{pair:?}: {readers:?}, but the template sets it for {reached:?}"
        );
    }
}

#[test]
fn every_parameter_is_listed_with_its_default_and_range() {
    let template = template();
    let with_variable = rows("variable");
    let with_variable = with_variable.iter().filter(|row| row["parameter"] != "–");
    let alone = rows("parameter");
    let mut listed = BTreeSet::new();
    for row in with_variable.chain(&alone) {
        let parameter = name(&row["parameter"]);
        assert!(listed.insert(parameter.to_owned()), "{parameter} is listed twice");
        check_default(
            parameter,
            &row["default"],
            template["Parameters"][parameter].get("Default"),
        );
        check_range(parameter, &row["range"], &template["Parameters"][parameter]);
    }
    let parameters = template["Parameters"].as_object().unwrap();
    assert_eq!(listed, parameters.keys().cloned().collect());
}

fn check_default(parameter: &str, cell: &str, default: Option<&Value>) {
    let Some(default) = default else {
        assert_eq!(cell, "required", "{parameter} has no default");
        return;
    };
    let default = default
        .as_str()
        .map_or_else(|| default.to_string(), str::to_owned);
    if default.is_empty() {
        // The functions choose.
        let chosen = [
            "not set",
            "`ISSUER`",
            "the longer of ",
            "the shorter of ",
            "required, or ",
        ];
        assert!(
            chosen.iter().any(|start| cell.starts_with(start)),
            "{parameter}: {cell}"
        );
    } else {
        let (value, _) = cell.split_once(' ').unwrap_or((cell, ""));
        assert_eq!(name(value), default, "{parameter}");
    }
}

/// Ranges of numbers and lists of values. What else a range says is not checked.
fn check_range(parameter: &str, cell: &str, definition: &Value) {
    let whole = |pattern: &str| Regex::new(pattern).unwrap().captures(cell).unwrap();
    if let Some(bounds) = whole(r"^(\d+) to (\d+)$") {
        let [low, high]: [u64; 2] = [1, 2].map(|group| bounds[group].parse().unwrap());
        for (value, good) in [
            (low.to_string(), true),
            (high.to_string(), true),
            ((high + 1).to_string(), false),
            (
                low.checked_sub(1)
                    .map_or_else(|| "-1".to_owned(), |below| below.to_string()),
                false,
            ),
        ] {
            assert_eq!(takes(parameter, &value), good, "{parameter}: {value}");
        }
    } else if let Some(lengths) = whole(r"^(\d+) to (\d+) (?:visible|of|letters)") {
        let [low, high]: [usize; 2] = [1, 2].map(|group| lengths[group].parse().unwrap());
        // An empty value may leave the variable unset.
        for (length, good) in [(low, true), (high, true), (high + 1, false)] {
            assert_eq!(
                takes(parameter, &"a".repeat(length)),
                good,
                "{parameter}: {length}"
            );
        }
        assert!(low < 2 || !takes(parameter, &"a".repeat(low - 1)), "{parameter}");
    } else if let Some(allowed) = definition["AllowedValues"].as_array() {
        // SAM CLI writes YAML's true as True.
        let allowed = allowed
            .iter()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let allowed: BTreeSet<String> = allowed
            .filter(|value| value != "True" && value != "False")
            .collect();
        let listed = cell.split(", ").map(|value| name(value).to_owned());
        assert_eq!(listed.collect::<BTreeSet<_>>(), allowed, "{parameter}");
    }
}

/// The functions' own message says bounds and default: "set it to a whole number from 60 to 3600, or leave it out for
/// 900".
#[test]
fn ranges_and_defaults_are_those_of_the_functions() {
    let read = |variable: &str| -> Vec<ConfigError> {
        let variable = variable.to_owned();
        let env = Environment::new(move |name| (name == variable).then(|| "x".to_owned()));
        [
            sessions::read(&env).err(),
            login::password_cost(&env).err(),
            login::limits(&env).err(),
        ]
        .into_iter()
        .flatten()
        .collect()
    };
    let mut checked = 0;
    for row in rows("variable") {
        let bounds = Regex::new(r"^\d+ to \d+$").unwrap();
        let errors = read(name(&row["variable"]));
        assert_eq!(
            bounds.is_match(&row["range"]).unwrap(),
            errors
                .iter()
                .any(|error| error.to_string().contains("a whole number")),
            "{row:?}"
        );
        for error in errors.iter().map(ToString::to_string) {
            let Some((_, help)) = error.split_once("a whole number from ") else {
                continue;
            };
            let (range, default) = help.split_once(", or leave it out for ").unwrap();
            assert_eq!(row["range"], range, "{error}");
            let mut numbers = row["default"].split(|one: char| !one.is_ascii_digit());
            assert!(
                numbers.any(|number| number == default),
                "{error}: {}",
                row["default"]
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 11);
}
