//! Who may import whom: `docs/architecture.md` in the form of a test. An arrow that points up fails it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test panics when it fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::Value;

/// What each part of `shared/` may import of ours.
const SHARED: [(&str, &[&str]); 10] = [
    ("api", &[]),
    ("argon2id", &[]),
    ("domain", &[]),
    ("aws", &[]),
    ("tokens", &["domain"]),
    ("passwords", &["argon2id", "domain"]),
    ("store", &["aws", "domain"]),
    ("auth", &["aws", "domain", "store", "tokens"]),
    ("web", &["api", "auth", "aws", "domain", "tokens"]),
    ("runtime", &["api", "aws", "domain", "store", "tokens"]),
];
/// What services of others may import.
const LIBRARY: [&str; 2] = ["gatecrumb-domain", "gatecrumb-tokens"];
/// The parts of `shared/` that may import AWS's SDK.
const SDK: [&str; 2] = ["aws", "store"];

/// A package of the workspace.
struct Package {
    name: String,
    /// `shared`, `functions`, `tools` or `examples`.
    floor: String,
    /// The names of all that it imports; those of its tests apart.
    imports: BTreeSet<String>,
    /// What its tests import.
    test_imports: BTreeSet<String>,
}

fn cargo(arguments: &[&str]) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Package> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            let floor = manifest.ancestors().nth(2).unwrap().file_name().unwrap();
            let dependencies = package["dependencies"].as_array().unwrap();
            let of_kind = |kind: &Value| {
                dependencies
                    .iter()
                    .filter(|dependency| dependency["kind"] == *kind)
                    .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
                    .collect()
            };
            Package {
                name: package["name"].as_str().unwrap().to_owned(),
                floor: floor.to_str().unwrap().to_owned(),
                imports: of_kind(&Value::Null),
                test_imports: of_kind(&Value::from("dev")),
            }
        })
        .collect()
}

fn is_sdk(name: &str) -> bool {
    name.starts_with("aws-")
}

#[test]
fn no_arrow_points_up() {
    let packages = packages();
    let floor_of: BTreeMap<&str, &str> = packages
        .iter()
        .map(|package| (package.name.as_str(), package.floor.as_str()))
        .collect();
    let mut seen = BTreeSet::new();
    for package in &packages {
        let ours = package.imports.iter().filter_map(|name| {
            let floor = floor_of.get(name.as_str())?;
            Some((name.as_str(), *floor))
        });
        match package.floor.as_str() {
            "shared" => {
                let part = package.name.strip_prefix("gatecrumb-").unwrap();
                let allowed = SHARED.iter().find(|(name, _)| *name == part);
                let (_, allowed) = allowed.unwrap_or_else(|| panic!("shared/{part} is not in the table"));
                for (name, _) in ours {
                    let name = name.strip_prefix("gatecrumb-").unwrap_or(name);
                    assert!(allowed.contains(&name), "shared/{part} imports {name}");
                }
                seen.insert(part.to_owned());
            }
            "functions" => {
                for (name, floor) in ours {
                    assert_eq!(floor, "shared", "functions/{} imports {name}", package.name);
                }
            }
            // What an example shows, a service of others can do.
            "examples" => {
                for (name, _) in ours {
                    let is_runner = package.name == "notes-local";
                    assert!(
                        is_runner || LIBRARY.contains(&name),
                        "{} imports {name}",
                        package.name
                    );
                }
            }
            "tools" => {}
            other => panic!("{} is in {other}/", package.name),
        }
    }
    let table: BTreeSet<String> = SHARED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(seen, table);
}

#[test]
fn two_parts_alone_import_the_sdk() {
    let ours = |package: &&Package| ["shared", "functions"].contains(&package.floor.as_str());
    for package in packages().iter().filter(ours) {
        let part = package.name.trim_start_matches("gatecrumb-");
        if SDK.contains(&part) {
            continue;
        }
        let sdk: Vec<_> = package.imports.iter().filter(|name| is_sdk(name)).collect();
        assert!(sdk.is_empty(), "{} imports {sdk:?}", package.name);
    }
}

/// The SDK and TLS are most of a function's size and start.
#[test]
fn the_stateless_authorizer_links_neither_the_sdk_nor_tls() {
    let linked = cargo(&[
        "tree",
        "--package",
        "authorizer",
        "--no-default-features",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    assert!(linked.contains("gatecrumb-tokens"), "{linked}");
    let heavy = |line: &&str| is_sdk(line) || line.starts_with("rustls") || line.contains("gatecrumb-store");
    let heavy: Vec<_> = linked.lines().filter(heavy).collect();
    assert!(heavy.is_empty(), "{heavy:?}");
}

/// Another service pays only for what it uses.
#[test]
fn the_tokens_link_only_what_their_features_say() {
    let links = |features: &str| {
        let arguments = [
            "tree",
            "--package",
            "gatecrumb-tokens",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ];
        let linked = cargo(&[&arguments[..], &["--format", "{p}", "--features", features]].concat());
        let names = linked.lines().filter_map(|line| line.split(' ').next());
        names.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let never = |name: &String| is_sdk(name) || name.starts_with("rustls") || name == "gatecrumb-store";
    for (features, has) in [
        ("", &[][..]),
        ("guard", &["http"][..]),
        ("axum", &["axum-core", "http"][..]),
        ("lambda-http", &["http", "lambda_http", "tokio", "tower"][..]),
    ] {
        let linked = links(features);
        assert!(!linked.iter().any(never), "{features}: {linked:?}");
        for name in ["axum", "axum-core", "http", "lambda_http", "tokio", "tower"] {
            assert_eq!(linked.contains(name), has.contains(&name), "{features:?}: {name}");
        }
    }
}

/// Cargo allows a cycle through the imports of tests; between tools there is none either.
#[test]
fn the_tools_import_one_another_in_one_direction() {
    let packages = packages();
    let tools: BTreeMap<&str, BTreeSet<&str>> = packages
        .iter()
        .filter(|package| package.floor == "tools")
        .map(|package| {
            let imports = package.imports.iter().chain(&package.test_imports);
            (package.name.as_str(), imports.map(String::as_str).collect())
        })
        .collect();
    let mut left: BTreeSet<&str> = tools.keys().copied().collect();
    while !left.is_empty() {
        let free: Vec<&str> = left
            .iter()
            .copied()
            .filter(|name| {
                tools[name]
                    .iter()
                    .all(|import| !left.contains(import) || import == name)
            })
            .collect();
        assert!(!free.is_empty(), "a cycle among {left:?}");
        for name in free {
            left.remove(name);
        }
    }
}
