//! Whatever `CloudFormation` takes for the parameters of `template.yaml`, every function starts with it.
//!
//! The sets come from walks through what the template's own constraints admit: a walk begins at a good value, and of
//! each random edit what `CloudFormation` refuses is not taken. The real binaries start with the sets of
//! `startup::SETS`.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::collections::HashMap;

use gatecrumb_runtime::{Config, Environment, SigningConfig};
use gatecrumb_testkit::template::{Parameters, chosen, takes, takes_all, variables};
use proptest::{prelude::*, sample::Index};

/// What `CloudFormation` cannot check: `docs/deploy.md` lists it.
const NOT_WALKED: [&str; 2] = ["SigningKid", "VerifyingKeys"];
/// Values that come in pairs, or that the rules keep from Lambda.
const TIED: [&str; 6] = [
    "CertificateArn",
    "ClientAddressHeader",
    "CookieInsecure",
    "DomainName",
    "ProxySecret",
    "SigningKeys",
];
/// What people, and other programs, write where a number or a name is wanted.
const ODD: [&str; 24] = [
    "900.5",
    "900.0",
    "9e2",
    "1e9",
    " 900",
    "+900",
    "0900",
    "-1",
    "0",
    "٣",
    "15",
    "60",
    "3600",
    "3601",
    "34560000",
    "none",
    "true",
    "True",
    "a..b",
    "1.2.3.4",
    "example.com",
    "x-client-address",
    "https://localhost:65535",
    "http://localhost:8000/",
];

/// What follows a name: ports, further labels, another item of a list.
const ENDS: [&str; 14] = [
    ":0",
    ":080",
    ":80",
    ":443",
    ":65535",
    ":65536",
    ":99999",
    ".",
    "..a",
    ".-a",
    ".1",
    ".example",
    ",https://b",
    ", ",
];

#[derive(Clone, Debug)]
enum Edit {
    Append(Index),
    Insert(Index, char),
    Remove(Index),
    /// Everything once more behind it, after this character.
    Double(char),
    Number(u64),
    Replace(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let characters = || {
        prop_oneof![
            prop::sample::select(".-,:/_ \t\"\\*@%=+09azAZ[]".chars().collect::<Vec<_>>()),
            any::<char>(),
        ]
    };
    prop_oneof![
        (any::<Index>(), characters()).prop_map(|(place, character)| Edit::Insert(place, character)),
        any::<Index>().prop_map(Edit::Append),
        any::<Index>().prop_map(Edit::Remove),
        characters().prop_map(Edit::Double),
        prop_oneof![0..5_000_u64, 0..40_000_000_u64].prop_map(Edit::Number),
        any::<Index>().prop_map(Edit::Replace),
    ]
}

fn edited(value: &str, edit: &Edit) -> String {
    let mut characters: Vec<char> = value.chars().collect();
    match edit {
        Edit::Append(place) => return format!("{value}{}", place.get(&ENDS)),
        Edit::Insert(place, character) => characters.insert(place.index(characters.len() + 1), *character),
        Edit::Remove(_) if characters.is_empty() => {}
        Edit::Remove(place) => {
            characters.remove(place.index(characters.len()));
        }
        Edit::Double(character) => return format!("{value}{character}{value}"),
        Edit::Number(number) => return number.to_string(),
        Edit::Replace(place) => return (*place.get(&ODD)).to_owned(),
    }
    characters.into_iter().collect()
}

/// A set that `CloudFormation` takes.
fn set() -> impl Strategy<Value = Parameters> {
    let start = chosen();
    let walks = prop::collection::vec(prop::collection::vec(edit(), 0..12), start.len());
    (walks, any::<bool>()).prop_map(move |(walks, tied)| {
        let mut set = start.clone();
        for ((name, value), walk) in set.iter_mut().zip(walks) {
            if NOT_WALKED.contains(&name.as_str()) {
                continue;
            }
            if name == "ClientAddressHeader" && tied {
                "x-client-address".clone_into(value);
            }
            if name == "ProxySecret" && tied {
                "0123456789abcdef".clone_into(value);
            }
            for edit in &walk {
                let next = edited(value, edit);
                if takes(name, &next) {
                    *value = next;
                }
            }
        }
        if !takes_all(&set) {
            for name in TIED {
                set.insert(name.to_owned(), start[name].clone());
            }
        }
        set
    })
}

/// The environment of a function on Lambda.
fn environment(function: &str, set: &Parameters) -> Environment {
    let mut all: HashMap<String, String> = variables(function, set).into_iter().collect();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ] {
        all.insert(name.to_owned(), value.to_owned());
    }
    Environment::new(move |name| all.get(name).cloned())
}

fn starts(set: &Parameters) {
    assert!(takes_all(set), "the set is not one that CloudFormation takes");
    for function in ["Login", "Refresh", "Me", "Logout"] {
        let env = environment(function, set);
        let config = Config::read(&env).unwrap_or_else(|error| panic!("{function}: {error}"));
        assert!(config.rule.min_age <= config.rule.access_lifetime);
        assert!(config.rule.access_lifetime <= config.session_idle);
        assert!(config.session_idle <= config.session_max);
    }
    for function in ["Login", "Refresh"] {
        let read = SigningConfig::read(&environment(function, set));
        read.unwrap_or_else(|error| panic!("{function}: {error}"));
    }
    let env = environment("Login", set);
    login::limits(&env).unwrap();
    login::password_cost(&env).unwrap();
}

#[test]
fn the_defaults_start() {
    starts(&chosen());
}

/// 409 is what fits: as many of the shortest origins as `CloudFormation`'s 4,096 bytes hold.
#[test]
fn the_longest_list_of_origins_starts() {
    let mut set = chosen();
    let list = vec!["https://a"; 409].join(",");
    assert!(!takes("AllowedOrigins", &format!("{list},https://a")));
    set.insert("AllowedOrigins".to_owned(), list);
    starts(&set);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn whatever_cloudformation_takes_starts(set in set()) {
        starts(&set);
    }
}
