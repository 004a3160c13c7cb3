//! Links, files and scripts that the documents name exist.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{collections::BTreeSet, fs, path::Path};

use fancy_regex::Regex;
use gatecrumb_testkit::documents::{self, Document, root};
use serde_json::Value;

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(document: &Document) -> BTreeSet<String> {
    let link = Regex::new(r"\[([^\]]*)\]\([^)]*\)").unwrap();
    let prose = document.prose();
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let text = link.replace_all(heading.trim_start_matches('#').trim(), "$1");
        let kept = |one: &char| one.is_alphanumeric() || matches!(one, ' ' | '-' | '_');
        text.to_lowercase()
            .chars()
            .filter(kept)
            .collect::<String>()
            .replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut broken = Vec::new();
    let mut followed = 0;
    for document in documents::all() {
        let prose = document.prose();
        for found in link.captures_iter(prose.as_str()) {
            let target = found.unwrap().get(1).unwrap().as_str().to_owned();
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() {
                document.path.clone()
            } else {
                document.path.parent().unwrap().join(file)
            };
            let is_markdown = path.extension().is_some_and(|extension| extension == "md");
            let leads = path.exists()
                && (anchor.is_empty() || !is_markdown || anchors(&Document::read(path)).contains(anchor));
            if !leads {
                broken.push(format!("{}: {target}", document.path.display()));
            }
            followed += 1;
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(followed > 50, "only {followed} links");
}

/// The words of a document that may name files: those of its commands, and those between backticks.
fn words(document: &Document) -> Vec<String> {
    let spans = document.spans();
    let in_prose = spans.iter().flat_map(|span| span.split_whitespace());
    let in_code = document.commands().into_iter().flatten();
    in_prose.map(str::to_owned).chain(in_code).collect()
}

#[test]
fn every_file_that_is_named_exists() {
    // A path of the repository, without a pattern, a placeholder or a folder that a tool makes.
    let path = Regex::new(
        r"^(?:\./|(?:\.\./)+|file://|@)?((?:\.cargo|\.ci|\.github|docs|events|functions|shared|tools|web)/[\w./@-]+)$",
    )
    .unwrap();
    // CONTRIBUTING.md explains how to add the function `hello`.
    let made = Regex::new("hello|/(?:node_modules|dist)(?:/|$)").unwrap();
    let mut missing = Vec::new();
    let mut named = 0;
    for document in documents::all() {
        // Old entries name what existed then.
        if document.path.ends_with("CHANGELOG.md") {
            continue;
        }
        for word in words(&document) {
            let Some(found) = path.captures(word.as_str()).unwrap() else {
                continue;
            };
            let file = found.get(1).unwrap().as_str().trim_end_matches('.');
            if made.is_match(file).unwrap() {
                continue;
            }
            named += 1;
            let below = document.path.parent().unwrap();
            if !root().join(file).exists() && !below.join(file).exists() {
                missing.push(format!("{}: {word}", document.path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(named > 50, "only {named} files");
}

/// The scripts of a `package.json`, and the package's name.
fn scripts(package: &Path) -> (String, BTreeSet<String>) {
    let json = fs::read_to_string(package.join("package.json")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let scripts = json["scripts"]
        .as_object()
        .map(|scripts| scripts.keys().cloned().collect());
    (
        json["name"].as_str().unwrap().to_owned(),
        scripts.unwrap_or_default(),
    )
}

/// The value of an option, as `--name value` or `--name=value`.
fn option<'a>(words: &'a [String], names: &[&str]) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(index, word)| {
        let (name, value) = word
            .split_once('=')
            .map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
        if !names.contains(&name) {
            return None;
        }
        value.or_else(|| words.get(index + 1).map(String::as_str))
    })
}

/// The package whose script the command runs and the script's name; `None` if it runs none. Without an option, that is
/// any package: a document says in prose which folder it means.
fn npm_script(words: &[String]) -> Option<(Option<&str>, &str)> {
    let [npm, rest @ ..] = words else { return None };
    if npm != "npm" {
        return None;
    }
    let script = match rest {
        [run, script, ..] if run == "run" => script,
        [script, ..] if script == "test" || script == "start" => script,
        _ => return None,
    };
    Some((option(rest, &["-w", "--workspace", "--prefix"]), script))
}

fn missing_script(words: &[String]) -> Option<String> {
    let (package, script) = npm_script(words)?;
    let folders = ["web", "web/client", "web/example", "web/tests"];
    let found = folders.iter().any(|folder| {
        let (name, scripts) = scripts(&root().join(folder));
        package.is_none_or(|package| package == *folder || package == name) && scripts.contains(script)
    });
    (!found).then(|| words.join(" "))
}

#[test]
fn every_npm_script_exists() {
    let mut missing = Vec::new();
    let mut run = 0;
    for document in documents::all() {
        for words in document
            .commands()
            .into_iter()
            .chain(document.commands_in_prose())
        {
            run += usize::from(npm_script(&words).is_some());
            missing.extend(
                missing_script(&words).map(|command| format!("{}: {command}", document.path.display())),
            );
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(run > 5, "only {run} scripts");

    for (command, exists) in [
        ("npm run example --prefix web", true),
        ("npm run nonsense --prefix web", false),
        ("npm run size", true),
        ("npm run size --prefix web", false),
        ("npm run size -w @gatecrumb/client", true),
        ("npm run size --workspace=@gatecrumb/example", false),
        ("npm test -w @gatecrumb/tests", true),
        ("npm start -w @gatecrumb/tests", false),
        ("npm install anything", true),
    ] {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        assert_eq!(missing_script(&words).is_none(), exists, "{command}");
    }
}
