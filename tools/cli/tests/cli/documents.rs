//! Every `gatecrumb …` and `cargo run -- …` of the documents is a command that exists.

use clap::{Parser as _, error::ErrorKind};
use gatecrumb::cli::Arguments;
use gatecrumb_testkit::documents;

/// What readers replace, and a value that the command accepts.
const PLACEHOLDERS: [(&str, &str); 2] = [
    ("COMMAND", "serve"),
    ("${bridge:?Docker does not run}", "172.17.0.1"),
];

/// The arguments of gatecrumb, its own name included; `None` if the words run something else.
fn arguments(words: &[String]) -> Option<Vec<String>> {
    let name = words.first()?;
    let rest = match words {
        [cargo, run, rest @ ..] if cargo == "cargo" && run == "run" => {
            let (cargo, rest) = rest.split_at(rest.iter().position(|word| word == "--")?);
            if cargo.iter().any(|word| word == "-p") {
                return None;
            }
            &rest[1..]
        }
        [_, rest @ ..] if name == "gatecrumb" || name.ends_with("/gatecrumb") => rest,
        _ => return None,
    };
    let value = |word: &String| {
        let known = PLACEHOLDERS.iter().find(|(placeholder, _)| placeholder == word);
        known.map_or(word.clone(), |(_, value)| (*value).to_owned())
    };
    Some(
        std::iter::once("gatecrumb".to_owned())
            .chain(rest.iter().map(value))
            .collect(),
    )
}

/// Why the arguments are refused; `None` if they are not. In prose, the name of a command is enough.
fn refusal(arguments: &[String], prose: bool) -> Option<String> {
    let error = Arguments::try_parse_from(arguments).err()?;
    let accepted = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => prose,
        _ => false,
    };
    (!accepted).then(|| error.to_string())
}

#[test]
fn every_command_of_the_documents_exists() {
    let mut refused = Vec::new();
    let (mut in_code, mut in_prose) = (0, 0);
    for document in documents::all() {
        // Old entries name what existed then.
        if document.path.ends_with("CHANGELOG.md") {
            continue;
        }
        let name = document.path.display();
        for arguments in document.commands().iter().filter_map(|words| arguments(words)) {
            in_code += 1;
            if let Some(error) = refusal(&arguments, false) {
                refused.push(format!("{name}: {}: {error}", arguments.join(" ")));
            }
        }
        let commands = document.commands_in_prose();
        for arguments in commands.iter().filter_map(|words| arguments(words)) {
            in_prose += 1;
            if let Some(error) = refusal(&arguments, true) {
                refused.push(format!("{name}: {}: {error}", arguments.join(" ")));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(in_code > 20 && in_prose > 10, "{in_code}, {in_prose}");
}

#[test]
fn what_is_not_a_command_is_refused() {
    let parse = |code: &str| -> Vec<Vec<String>> {
        let commands = documents::commands(&code.lines().collect::<Vec<_>>());
        commands.iter().filter_map(|words| arguments(words)).collect()
    };
    for (code, expected) in [
        ("cargo run -- user list # the user's", Some("gatecrumb user list")),
        (
            "A=1 cargo run --release -- serve --memory",
            Some("gatecrumb serve --memory"),
        ),
        (
            "../gatecrumb key public --sam > a.yaml",
            Some("gatecrumb key public --sam"),
        ),
        (
            "x=$(gatecrumb user list ${y:+--after \"$y\"})",
            Some("gatecrumb user list --after $y"),
        ),
        (
            "printf a |\n  gatecrumb user create \\\n  ada && b",
            Some("gatecrumb user create ada"),
        ),
        (
            "cat > a <<'END'\ngatecrumb it's\nEND\ngatecrumb serve",
            Some("gatecrumb serve"),
        ),
        ("cargo run -p other -- serve", None),
        ("echo gatecrumb", None),
    ] {
        let found: Vec<String> = parse(code).iter().map(|words| words.join(" ")).collect();
        assert_eq!(found, Vec::from_iter(expected), "{code}");
    }
    for (code, in_code, in_prose) in [
        ("gatecrumb serve", true, true),
        ("gatecrumb help user", true, true),
        ("gatecrumb user create", false, true),
        ("gatecrumb user", false, true),
        ("gatecrumb user remove ada", false, false),
        ("gatecrumb serve --verbose", false, false),
        ("gatecrumb user list --limit many", false, false),
    ] {
        let arguments = parse(code).remove(0);
        assert_eq!(refusal(&arguments, false).is_none(), in_code, "{code}");
        assert_eq!(refusal(&arguments, true).is_none(), in_prose, "{code}");
    }
}
