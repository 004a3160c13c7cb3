//! `gatecrumb serve`.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::Command,
};

use gatecrumb_testkit::http::Browser;
use serde_json::{Value, json};

use super::{PASSWORD, State, project::Project};

#[tokio::test]
async fn serve_prints_its_urls_works_with_the_other_commands_and_stops_on_ctrl_c() {
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

    // `serve` has the table open: the other commands use it through `serve`.
    state.create("ada");
    let mut browser = Browser::new(&base);
    let response = browser
        .post_json("/auth/login", &json!({ "username": "ada", "password": PASSWORD }))
        .await;
    assert_eq!(response.outcome(), "200");
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
    // SESSIONS_NOT_BEFORE is a setting of the deployment, not of the table.
    let future = ["session", "list", "ada", "--sessions-not-before", "9999999999"];
    let ended = state.json(&future, "");
    assert!(
        ended
            .as_array()
            .unwrap()
            .iter()
            .all(|session| session["alive"] == false)
    );
    let mut by_variable = state.command(&["session", "list", "ada", "--json"]);
    by_variable.env("SESSIONS_NOT_BEFORE", "9999999999");
    let listed = by_variable.output().unwrap().stdout;
    assert_eq!(serde_json::from_slice::<Value>(&listed).unwrap(), ended);
    assert!(state.is_private());
    state.json(&["session", "revoke", "ada", &mine], "");
    assert_eq!(browser.get("/auth/me").await.outcome(), "401 session_ended");
    assert_eq!(other.get("/auth/me").await.outcome(), "200");
    state.json(&["session", "revoke", "ada", "--all", "--yes"], "");
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

/// With another cost than that of the sign-in, the response time would tell that the demo user exists.
#[tokio::test]
async fn the_demo_user_has_the_hash_cost_of_the_sign_in() {
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
    let response = Browser::new(&base).post_json("/auth/login", &credentials).await;
    assert_eq!(response.outcome(), "200");
    // If the costs differed, the sign-in would have stored a new hash.
    assert_eq!(state.stored_cost(), "m=19456,t=3,p=1");
    serve.kill().unwrap();
    serve.wait().unwrap();
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_a_request_in_progress() {
    let project = Project::new();
    let mut serve = project.serve(&[]);
    let address = serve.base().trim_start_matches("http://").to_owned();
    let mut client = TcpStream::connect(address).unwrap();
    let request = "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                   Content-Length: 100\r\nExpect: 100-continue\r\n\r\n";
    client.write_all(request.as_bytes()).unwrap();
    // From here on, the server waits for the body.
    let mut response = [0; 12];
    client.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"HTTP/1.1 100");
    serve.signal("-INT");
    assert_eq!(serve.next_line().as_deref(), Some("stopping"));
    serve.signal("-INT");
    assert_eq!(
        serve.next_line().as_deref(),
        Some("stopped without waiting for the requests in progress")
    );
    assert_eq!(serve.wait(), Some(0));
    assert!(!project.state().join("dynamodb-endpoint").exists());
}
