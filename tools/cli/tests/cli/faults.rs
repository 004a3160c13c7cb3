//! A state directory that cannot be used: one line names the file, the problem and the fix.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use gatecrumb_local::DynamoDb;

use super::project::{Project, text};

const CREATE: &[&str] = &["user", "create", "ada", "--password-stdin"];
const SERVE: &[&str] = &["serve", "--port", "0", "--dynamodb-port", "0"];
const DYNAMODB: &[&str] = &["dynamodb", "--dynamodb-port", "0"];
const SHOW: &[&str] = &["user", "show", "ada"];
const PUBLIC: &[&str] = &["key", "public"];

/// A table that a newer engine wrote.
fn newer_table(path: &Path) {
    drop(DynamoDb::in_file(path).unwrap());
    let mut bytes = fs::read(path).unwrap();
    let name = b"schema_version";
    let places: Vec<usize> = bytes
        .windows(name.len() + 2)
        .enumerate()
        .filter(|(_, window)| window.starts_with(name) && window[name.len()..].iter().all(u8::is_ascii_digit))
        .map(|(at, _)| at + name.len())
        .collect();
    assert!(!places.is_empty(), "the version has two digits");
    for place in places {
        bytes[place..place + 2].copy_from_slice(b"99");
    }
    fs::write(path, bytes).unwrap();
}

/// A table whose pages are overwritten.
fn damaged_table(path: &Path) {
    drop(DynamoDb::in_file(path).unwrap());
    let mut bytes = fs::read(path).unwrap();
    bytes[100..].fill(0xff);
    fs::write(path, bytes).unwrap();
}

type Case = (
    &'static str,
    fn(&Path),
    &'static [&'static [&'static str]],
    &'static str,
    &'static str,
);

const CASES: [Case; 12] = [
    (
        "dynamodb.sqlite",
        |path| fs::write(path, "garbage").unwrap(),
        &[CREATE, SHOW, SERVE, DYNAMODB],
        "is not an SQLite database",
        "move it away to start with an empty table",
    ),
    (
        "dynamodb.sqlite",
        damaged_table,
        &[CREATE, SHOW, SERVE, DYNAMODB],
        "is damaged",
        "restore it from a copy",
    ),
    (
        "dynamodb.sqlite",
        newer_table,
        &[CREATE, SHOW, SERVE, DYNAMODB],
        "was written by a newer version of gatecrumb",
        "update gatecrumb",
    ),
    (
        "dynamodb.sqlite",
        |path| fs::create_dir(path).unwrap(),
        &[CREATE, SERVE, DYNAMODB],
        "is not a regular file",
        "remove it",
    ),
    (
        "signing-keys.json",
        |path| fs::write(path, "garbage").unwrap(),
        &[SERVE, PUBLIC],
        "is not a JWK Set",
        "move it away: the next start creates a new key",
    ),
    (
        "signing-keys.json",
        |path| fs::write(path, b"\xff\xfe\0").unwrap(),
        &[SERVE, PUBLIC],
        "it is not a text file",
        "restore it from a copy",
    ),
    (
        "signing-keys.json",
        |path| fs::write(path, "{\"keys\":[]}").unwrap(),
        &[SERVE, PUBLIC],
        "must have 1 to 16 keys",
        "restore the file from a copy",
    ),
    (
        "device-keys.json",
        |path| fs::write(path, "garbage").unwrap(),
        &[SERVE],
        "is not a JSON object",
        "delete it",
    ),
    (
        "device-keys.json",
        |path| fs::write(path, b"\xff").unwrap(),
        &[SERVE],
        "it is not a text file",
        "restore it from a copy",
    ),
    (
        "issuer",
        |path| fs::write(path, "two words").unwrap(),
        &[SERVE],
        "is not an issuer",
        "delete it",
    ),
    (
        "lock",
        |path| fs::create_dir(path).unwrap(),
        &[CREATE, SERVE],
        "is not a regular file",
        "remove it",
    ),
    (
        "audit.log",
        |path| fs::create_dir(path).unwrap(),
        &[CREATE],
        "is not a regular file",
        "remove it",
    ),
];

#[test]
fn a_fault_of_a_file_is_one_line_with_the_file_the_problem_and_the_fix() {
    for (file, break_it, commands, problem, fix) in CASES {
        for command in commands {
            let project = Project::new();
            let path = project.folder(".gatecrumb").join(file);
            break_it(&path);
            let before = fs::read(&path).ok();
            let failure = project.failure(command);
            assert!(
                failure.starts_with("gatecrumb: ") && failure.lines().count() == 1,
                "{file}, {command:?}: {failure}"
            );
            for part in [file, problem, fix] {
                assert!(failure.contains(part), "{file}, {command:?}: {failure}");
            }
            assert_eq!(
                fs::read(&path).ok(),
                before,
                "{file}, {command:?}: it is as it was"
            );
        }
    }
}

#[test]
fn garbage_in_the_endpoint_file_disturbs_nobody() {
    for garbage in [&b"garbage"[..], b"\xff", b"{}", b"http://127.0.0.1:1"] {
        let project = Project::new();
        let file = project.folder(".gatecrumb").join("dynamodb-endpoint");
        fs::write(file, garbage).unwrap();
        project.create("ada");
    }
}

#[test]
fn a_file_in_place_of_the_directory_is_named() {
    let project = Project::new();
    fs::write(project.state(), "").unwrap();
    for command in [CREATE, SERVE, &["key", "generate"]] {
        let failure = project.failure(command);
        assert!(
            failure.contains(
                "cannot create .gatecrumb: a file is where a directory must be: move that file away"
            ),
            "{failure}"
        );
    }
}

/// A limit of file sizes stands for a full disk: every write beyond it fails, wherever it happens.
#[cfg(unix)]
#[test]
fn a_full_disk_is_reported_and_leaves_a_state_that_the_next_command_completes() {
    let binary = env!("CARGO_BIN_EXE_gatecrumb");
    let mut failures = 0;
    for blocks in [0, 1, 2, 8, 16, 40, 64, 65, 80, 96, 128, 160, 192, 256] {
        for arguments in [CREATE, &["key", "generate"]] {
            let project = Project::new();
            // An ignored signal stays ignored after exec: writes return an error instead.
            let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
            let mut child = Command::new("sh")
                .args(["-c", &script, binary])
                .args(arguments)
                .env_clear()
                .env("PASSWORD_MEMORY_KIB", "7168")
                .env("PASSWORD_ITERATIONS", "1")
                .current_dir(&project.0)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut stdin = child.stdin.take().unwrap();
            let _ = std::io::Write::write_all(&mut stdin, super::PASSWORD.as_bytes());
            drop(stdin);
            let output = child.wait_with_output().unwrap();
            let error = text(output.stderr);
            if !output.status.success() {
                failures += 1;
                assert_eq!(output.status.code(), Some(1), "{blocks}, {arguments:?}: {error}");
                let lines: Vec<&str> = error.lines().filter(|line| !line.contains(" note: ")).collect();
                assert_eq!(lines.len(), 1, "{blocks}, {arguments:?}: {error}");
                assert!(
                    lines[0].contains(".gatecrumb/")
                        && lines[0].contains("then try again")
                        && !lines[0].contains("dispatch failure"),
                    "{blocks}, {arguments:?}: {error}"
                );
            }
            // With space, the same command works, unless it had already.
            let again = project.run(arguments);
            let done = text(again.stderr);
            assert!(
                again.status.success() || done.contains("taken") || done.contains("there are keys already"),
                "{blocks}, {arguments:?}: {error} {done}"
            );
        }
    }
    assert!(failures > 5, "some writes fail: {failures}");
}
