//! The real command line, as a person or a script uses it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use gatecrumb_testkit::{http::Browser, secrets::SecretsManager};
use serde_json::{Value, json};

static NEXT: AtomicU32 = AtomicU32::new(0);
const PASSWORD: &str = "correct horse battery staple";

/// A state directory of the test's own, removed at its end.
struct State(PathBuf);

impl State {
    fn new() -> Self {
        let name = format!(
            "gatecrumb-cli-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::SeqCst)
        );
        Self(std::env::temp_dir().join(name))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        command.args(arguments).arg("--state").arg(&self.0).env_clear();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(arguments).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// What a command that works prints as JSON.
    fn json(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat(), input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a command that fails says.
    fn failure(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }

    fn create(&self, name: &str) -> Value {
        self.json(&["user", "create", name, "--password-stdin"], PASSWORD)
    }
}

impl State {
    /// The audit log, a line each: what, and to whom.
    fn trail(&self) -> Vec<Value> {
        let path = self.0.join("audit.log");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.contains(PASSWORD) && !text.contains("$argon2") && !text.contains("\"d\""));
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn events(&self) -> Vec<String> {
        let event = |line: &Value| line["event"].as_str().unwrap().to_owned();
        self.trail().iter().map(event).collect()
    }
}

impl State {
    /// Whether the directory and everything in it is its owner's alone.
    fn is_private(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode =
                |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            let entries = std::fs::read_dir(&self.0)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            let open: Vec<_> = entries.filter(|path| mode(path) != 0o600).collect();
            assert_eq!(open, Vec::<PathBuf>::new());
            assert_eq!(mode(&self.0), 0o700);
        }
        true
    }

    /// What the password's hash of the only user looks like at its start.
    fn stored_cost(&self) -> String {
        let file = std::fs::read(self.0.join("dynamodb.sqlite")).unwrap();
        let wal = std::fs::read(self.0.join("dynamodb.sqlite-wal")).unwrap_or_default();
        let bytes = [file, wal].concat();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let start = text.rfind("$argon2id$").unwrap();
        text[start..].split('$').nth(3).unwrap().to_owned()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_user_is_created_shown_changed_renamed_and_deleted() {
    let state = State::new();
    let options = [
        "--email",
        "ada@example.com",
        "--name",
        "Ada L.",
        "--role",
        "admin",
        "--role",
        "reader",
    ];
    let create = [&["user", "create", "Ada", "--password-stdin"], &options[..]].concat();
    let created = state.json(&create, &format!("{PASSWORD}\n"));
    assert_eq!(created["username"], "ada");
    assert_eq!(
        (&created["email"], &created["name"]),
        (&json!("ada@example.com"), &json!("Ada L."))
    );
    assert_eq!(
        (&created["roles"], &created["active"]),
        (&json!(["admin", "reader"]), &json!(true))
    );
    assert_eq!(state.json(&["user", "show", "ADA"], ""), created);

    assert_eq!(state.json(&["user", "disable", "ada"], "")["active"], false);
    assert_eq!(state.json(&["user", "enable", "ada"], "")["session_epoch"], 1);
    assert_eq!(
        state.json(&["user", "roles", "ada", "reader"], "")["roles"],
        json!(["reader"])
    );
    assert_eq!(state.json(&["user", "roles", "ada"], "")["roles"], json!([]));
    let repassworded = state.json(
        &["user", "set-password", "ada", "--password-stdin"],
        "another password\r\n",
    );
    assert_eq!(repassworded["session_epoch"], 2);
    assert_eq!(
        state.json(&["user", "rename", "ada", "Ada.L"], "")["username"],
        "ada.l"
    );
    assert_eq!(
        state.failure(&["user", "show", "ada"], ""),
        "gatecrumb: nobody signs in as ada\n"
    );

    assert!(state.failure(&["user", "delete", "ada.l"], "").contains("--yes"));
    assert_eq!(
        state.json(&["user", "delete", "ada.l", "--yes"], "")["id"],
        created["id"]
    );
    assert!(
        state
            .failure(&["user", "show", "ada.l"], "")
            .contains("nobody signs in as ada.l")
    );
}

#[test]
fn what_is_wrong_is_said() {
    let state = State::new();
    state.create("ada");
    state.create("bob");
    for (arguments, input, said) in [
        (
            &["user", "create", "ADA", "--password-stdin"][..],
            PASSWORD,
            "the username is taken",
        ),
        (
            &["user", "create", "a b", "--password-stdin"],
            PASSWORD,
            "a username is 1 to 254 bytes",
        ),
        (
            &["user", "create", "eve", "--password-stdin"],
            "short",
            "at least 8 characters",
        ),
        (&["user", "create", "eve"], PASSWORD, "use --password-stdin"),
        (
            &["user", "create", "eve", "--password-stdin"],
            "password123",
            "Choose another password",
        ),
        (
            &["user", "create", "hypatia.of.alexandria", "--password-stdin"],
            "Hypatia.of.alexandria1",
            "Choose another password",
        ),
        (
            &["user", "create", "eve", "--password-stdin", "--role", "a b"],
            PASSWORD,
            "a role is 1 to 32 characters",
        ),
        (
            &["user", "create", "eve", "--password-stdin", "--name", "a\nb"],
            PASSWORD,
            "--name takes",
        ),
        (&["user", "rename", "ada", "bob"], "", "the username is taken"),
        (&["user", "disable", "nobody"], "", "nobody signs in as nobody"),
        (&["session", "revoke", "ada"], "", "required"),
        (
            &["session", "revoke", "ada", "missing"],
            "",
            "ada has no session missing",
        ),
        (&["key", "rotate"], "", "there are no local keys yet"),
    ] {
        let failure = state.failure(arguments, input);
        assert!(failure.contains(said), "{arguments:?}: {failure}");
        assert!(!failure.contains(PASSWORD));
    }
}

#[test]
fn every_change_is_in_the_audit_log_and_no_look() {
    let state = State::new();
    let ada = state.create("ada");
    state.json(&["user", "show", "ada"], "");
    state.json(&["user", "disable", "ada"], "");
    state.json(&["user", "enable", "ada"], "");
    state.json(&["user", "roles", "ada", "admin"], "");
    state.json(
        &["user", "set-password", "ada", "--password-stdin"],
        "another password of mine",
    );
    state.json(&["session", "list", "ada"], "");
    state.json(&["session", "revoke", "ada", "--all"], "");
    state.json(&["user", "rename", "ada", "lovelace"], "");
    state.failure(&["user", "disable", "nobody"], "");
    state.json(&["user", "delete", "lovelace", "--yes"], "");
    state.json(&["key", "generate"], "");
    let rotated = state.json(&["key", "rotate"], "");
    state.json(&["key", "public"], "");
    assert_eq!(
        state.events(),
        [
            "user_created",
            "user_disabled",
            "user_enabled",
            "user_roles_set",
            "user_password_set",
            "sessions_revoked",
            "user_renamed",
            "user_deleted",
            "key_generated",
            "key_rotated",
        ]
    );
    let trail = state.trail();
    for line in &trail {
        assert_eq!(
            (&line["target"], &line["outcome"]),
            (&json!("local"), &json!("success"))
        );
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(trail[0]["user"], ada["id"]);
    assert_eq!(trail[6]["username"], "lovelace");
    assert_eq!(trail[9]["kid"], rotated["signing_kid"]);
}

#[test]
fn keys_are_made_rotated_and_retired_and_never_shown() {
    let state = State::new();
    let first = state.json(&["key", "generate"], "");
    assert!(
        state
            .failure(&["key", "generate"], "")
            .contains("there are keys already")
    );
    let second = state.json(&["key", "rotate"], "");
    let kid = |shown: &Value| shown["signing_kid"].as_str().unwrap().to_owned();
    assert_ne!(kid(&first), kid(&second));
    assert_eq!(second["verifying_keys"]["keys"].as_array().unwrap().len(), 2);
    assert!(
        state
            .failure(&["key", "retire", &kid(&second)], "")
            .contains("rotate first")
    );
    assert!(
        state
            .failure(&["key", "retire", "another"], "")
            .contains("there is no key another")
    );
    state.json(&["key", "retire", &kid(&first)], "");
    let public = state.json(&["key", "public"], "");
    assert_eq!(public["verifying_keys"]["keys"][0]["kid"], kid(&second));
    assert!(!public.to_string().contains("\"d\""));
    let issuer = public["issuer"].as_str().unwrap();
    assert!(issuer.starts_with("gatecrumb-local-"), "{issuer}");
    assert_eq!(
        state.json(&["key", "public"], "")["issuer"],
        issuer,
        "the same as ever"
    );
    assert!(
        state
            .failure(&["key", "retire", &kid(&second)], "")
            .contains("rotate first")
    );
}

#[tokio::test]
async fn serve_says_where_it_is_works_with_the_other_commands_and_stops_when_asked() {
    let state = State::new();
    let mut command = state.command(&["serve", "--port", "0", "--dynamodb-port", "0"]);
    let mut serve = command.spawn().unwrap();
    let mut lines = BufReader::new(serve.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let page = lines.by_ref().find(|line| line.starts_with("  page ")).unwrap();
    let base = page
        .split_whitespace()
        .last()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let demo = lines
        .by_ref()
        .find(|line| line.starts_with("  demo user "))
        .unwrap();
    assert!(demo.contains("created just now"));
    lines.by_ref().find(|line| line.starts_with("Ctrl-C")).unwrap();

    // The table is open in `serve`: the other commands go through it.
    state.create("ada");
    let mut browser = Browser::new(&base);
    let answer = browser
        .post_json("/auth/login", &json!({ "username": "ada", "password": PASSWORD }))
        .await;
    assert_eq!(answer.outcome(), "200");
    let mut other = Browser::new(&base);
    other
        .post_json("/auth/login", &json!({ "username": "ada", "password": PASSWORD }))
        .await;
    let sessions = state.json(&["session", "list", "ada"], "");
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    let mine = browser.get("/auth/me").await.json()["session"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let listed = sessions
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["id"] == mine.as_str())
        .unwrap();
    assert_eq!(
        (&listed["alive"], &listed["ip"]),
        (&json!(true), &json!("127.0.0.1"))
    );
    // The brake of a deployment, of which the table knows nothing.
    let future = ["session", "list", "ada", "--sessions-not-before", "9999999999"];
    let braked = state.json(&future, "");
    assert!(
        braked
            .as_array()
            .unwrap()
            .iter()
            .all(|session| session["alive"] == false)
    );
    let mut by_variable = state.command(&["session", "list", "ada", "--json"]);
    by_variable.env("SESSIONS_NOT_BEFORE", "9999999999");
    let listed = by_variable.output().unwrap().stdout;
    assert_eq!(serde_json::from_slice::<Value>(&listed).unwrap(), braked);
    assert!(state.is_private());
    state.json(&["session", "revoke", "ada", &mine], "");
    assert_eq!(browser.get("/auth/me").await.outcome(), "401 session_ended");
    assert_eq!(other.get("/auth/me").await.outcome(), "200");
    state.json(&["session", "revoke", "ada", "--all"], "");
    assert_eq!(other.get("/auth/me").await.outcome(), "401 session_ended");

    let id = serve.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(serve.wait().unwrap().success());
    let mut log = String::new();
    serve.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("POST /auth/login 200 ("), "{log}");
    assert!(log.contains("GET /auth/me 401 session_ended ("), "{log}");
    for secret in [
        PASSWORD,
        browser.jar["gatecrumb-access"].as_str(),
        browser.jar["gatecrumb-refresh"].as_str(),
    ] {
        assert!(!log.contains(secret));
    }
}

#[tokio::test]
async fn signing_keys_in_secrets_manager_are_made_rotated_and_retired_and_their_private_part_is_never_shown()
{
    let manager = SecretsManager::default();
    let endpoint = manager.serve().await;
    let state = State::new();
    let key = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        command.env_clear().envs([
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &endpoint),
        ]);
        command.args(["key", "--secret", "gatecrumb"]).args(arguments);
        command.arg("--state").arg(&state.0);
        let command = tokio::task::spawn_blocking(move || command.output().unwrap());
        async {
            let output = command.await.unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            let (said, complaint) = (text(output.stdout), text(output.stderr));
            assert!(!said.contains("\"d\"") && !complaint.contains("\"d\""));
            assert_eq!(output.status.success(), complaint.is_empty(), "{said}{complaint}");
            said + &complaint
        }
    };
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let kids = |shown: &Value| -> Vec<Value> {
        let keys = shown["verifying_keys"]["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].clone()).collect()
    };

    assert!(key(&["public"]).await.contains("ResourceNotFoundException"));
    let made = json(key(&["generate", "--json"]).await);
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gatecrumb-AbCdEf";
    assert_eq!(made["secret_arn"], arn);
    let first = made["signing_kid"].clone();
    assert_eq!(kids(&made), std::slice::from_ref(&first));
    assert!(key(&["generate"]).await.contains("ResourceExistsException"));
    let stored: Value = serde_json::from_str(&manager.get("gatecrumb").unwrap()).unwrap();
    assert!(stored["keys"][0]["d"].is_string());

    let rotated = json(key(&["rotate", "--json"]).await);
    let second = rotated["signing_kid"].clone();
    assert_eq!(kids(&rotated), [first.clone(), second.clone()]);
    assert_eq!(
        kids(&json(key(&["public", "--json"]).await)),
        [first.clone(), second.clone()]
    );
    let retired = json(key(&["retire", first.as_str().unwrap(), "--json"]).await);
    assert_eq!(kids(&retired), std::slice::from_ref(&second));
    assert!(
        key(&["retire", second.as_str().unwrap()])
            .await
            .contains("rotate first")
    );
    let parameters: HashMap<String, String> =
        serde_yaml_ng::from_str(&key(&["public", "--sam"]).await).unwrap();
    assert_eq!(
        json(parameters["VerifyingKeys"].clone()),
        retired["verifying_keys"]
    );
    // A new key is published before it signs.
    let next = key(&["rotate", "--sam"]).await;
    assert!(next.contains("\n# SigningKid: ") && !next.contains("\nSigningKid: "));
    assert_eq!(
        state.events(),
        ["key_generated", "key_rotated", "key_retired", "key_rotated"]
    );
    assert!(state.trail().iter().all(|line| line["target"] == "gatecrumb"));
    manager.put("gatecrumb", "no keys at all");
    assert!(key(&["public"]).await.contains("JWK Set"));
}

/// As `umask` 022, a copy or an archive would leave it.
#[cfg(unix)]
#[test]
fn a_state_directory_that_others_may_read_is_closed_to_them() {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    let state = State::new();
    state.create("ada");
    state.json(&["key", "generate"], "");
    assert!(state.is_private());
    for command in [
        &["user", "show", "ada"][..],
        &["user", "disable", "ada"],
        &["session", "list", "ada"],
        &["key", "public"],
        &["key", "rotate"],
    ] {
        // What SQLite and a crash may leave, too.
        for name in [
            "dynamodb.sqlite-shm",
            "dynamodb.sqlite-journal",
            "signing-keys.new",
        ] {
            fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(state.0.join(name))
                .unwrap();
        }
        for entry in fs::read_dir(&state.0).unwrap() {
            fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o666)).unwrap();
        }
        fs::set_permissions(&state.0, fs::Permissions::from_mode(0o777)).unwrap();
        state.json(command, "");
        assert!(state.is_private(), "{command:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_directory_that_many_share_is_refused() {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    let state = State::new();
    fs::create_dir(&state.0).unwrap();
    fs::set_permissions(&state.0, fs::Permissions::from_mode(0o1777)).unwrap();
    let failure = state.failure(&["user", "show", "ada"], "");
    assert!(failure.contains("give --state one of your own"), "{failure}");
    assert_eq!(fs::read_dir(&state.0).unwrap().count(), 0);
    assert_eq!(
        fs::metadata(&state.0).unwrap().permissions().mode() & 0o7777,
        0o1777
    );
}

#[cfg(unix)]
#[test]
fn no_file_of_the_state_directory_is_opened_through_a_link() {
    use std::{fs, os::unix};

    type Link = fn(&std::path::Path, &std::path::Path) -> std::io::Result<()>;
    let symbolic: Link = |target, link| unix::fs::symlink(target, link);
    let hard: Link = |target, link| fs::hard_link(target, link);
    for name in [
        "audit.log",
        "lock",
        "dynamodb.sqlite",
        "dynamodb.sqlite-wal",
        "signing-keys.json",
    ] {
        for (kind, link) in [("symbolic", symbolic), ("hard", hard)] {
            let state = State::new();
            let victim = state.0.with_extension("victim");
            fs::create_dir(&state.0).unwrap();
            fs::write(&victim, "precious").unwrap();
            link(&victim, &state.0.join(name)).unwrap();
            let failure = state.failure(&["user", "create", "ada", "--password-stdin"], PASSWORD);
            assert!(
                failure.contains(name) && failure.contains("link"),
                "{name}, {kind}: {failure}"
            );
            assert_eq!(fs::read_to_string(&victim).unwrap(), "precious", "{name}, {kind}");
            fs::remove_file(&victim).unwrap();
        }
    }
}

#[test]
fn a_new_hash_costs_what_the_deployment_says() {
    let state = State::new();
    let cost = [
        "--password-memory-kib",
        "8192",
        "--password-iterations",
        "3",
        "--password-parallelism",
        "2",
    ];
    let create = [&["user", "create", "ada", "--password-stdin"][..], &cost].concat();
    state.json(&create, PASSWORD);
    assert_eq!(state.stored_cost(), "m=8192,t=3,p=2");

    let state = State::new();
    state.create("ada");
    assert_eq!(state.stored_cost(), "m=19456,t=2,p=1");
    let mut command = state.command(&["user", "set-password", "ada", "--password-stdin"]);
    let variables = [
        ("PASSWORD_MEMORY_KIB", "7168"),
        ("PASSWORD_ITERATIONS", "5"),
        ("PASSWORD_PARALLELISM", ""),
    ];
    let mut child = command.envs(variables).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"another correct horse")
        .unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(state.stored_cost(), "m=7168,t=5,p=1");

    // Within the functions' own bounds, and before the password is read.
    let failure = state.failure(
        &[
            "user",
            "create",
            "eve",
            "--password-stdin",
            "--password-memory-kib",
            "1",
        ],
        "",
    );
    assert!(
        failure.contains("PASSWORD_MEMORY_KIB is \"1\": set it to a whole number from 7168"),
        "{failure}"
    );
}

#[test]
fn a_byte_order_mark_and_blanks_around_a_name_are_no_part_of_them() {
    let state = State::new();
    let created = state.json(
        &["user", "create", "\u{feff}Ada ", "--password-stdin"],
        &format!("\u{feff}{PASSWORD}\r\n"),
    );
    assert_eq!(created["username"], "ada");
    assert_eq!(state.json(&["user", "show", " ada\u{a0}"], ""), created);
    // Seven characters beside the mark.
    let failure = state.failure(
        &["user", "create", "eve", "--password-stdin"],
        "\u{feff}1q9-zk7\n",
    );
    assert!(failure.contains("at least 8 characters"), "{failure}");
}

/// The demo user's hash and the sign-in's own cost are one, or the time would tell the name apart.
#[tokio::test]
async fn serve_and_its_demo_user_hash_at_one_cost() {
    let state = State::new();
    let mut command = state.command(&["serve", "--port", "0", "--dynamodb-port", "0"]);
    command.env("PASSWORD_ITERATIONS", "3");
    let mut serve = command.spawn().unwrap();
    let mut lines = BufReader::new(serve.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let page = lines.by_ref().find(|line| line.starts_with("  page ")).unwrap();
    let base = page
        .split_whitespace()
        .last()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    lines.by_ref().find(|line| line.starts_with("Ctrl-C")).unwrap();
    assert_eq!(state.stored_cost(), "m=19456,t=3,p=1");
    let credentials = json!({ "username": "demo", "password": PASSWORD });
    let answer = Browser::new(&base).post_json("/auth/login", &credentials).await;
    assert_eq!(answer.outcome(), "200");
    // Of another cost, the sign-in would have stored a new one.
    assert_eq!(state.stored_cost(), "m=19456,t=3,p=1");
    serve.kill().unwrap();
    serve.wait().unwrap();
}
