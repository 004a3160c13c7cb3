//! The audit events of sign-ins and sessions, as in `docs/logging.md`.

use gatecrumb_runtime::log::METRICS;
use gatecrumb_testkit::{http::Browser, logs};
use serde_json::{Value, json};

use crate::api::{Api, PASSWORD, credentials, refresh_claims};

/// Marks the User-Agent, so that the test finds the log lines of this browser.
fn marked(api: &Api, mark: &str) -> Browser {
    api.browser().with_header("user-agent", mark)
}

/// The audit lines of the marked browser, in order.
fn lines(mark: &str) -> Vec<Value> {
    let log = logs::captured();
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_audit = |line: &Value| line["audit"] == true && line["user_agent"].as_str() == Some(mark);
    lines.filter(is_audit).collect()
}

fn events(mark: &str) -> Vec<String> {
    let event = |line: &Value| line["event"].as_str().unwrap().to_owned();
    lines(mark).iter().map(event).collect()
}

#[tokio::test]
async fn a_session_from_its_sign_in_to_its_end() {
    let api = Api::here().await;
    let user = api.user("audited").await;
    let mut browser = marked(&api, "audit-session");
    let login = browser
        .post_json("/auth/login", &credentials("audited", PASSWORD))
        .await;
    browser.post("/auth/refresh", "", "").await;
    browser.get("/auth/me").await;
    let session = refresh_claims(&browser).sid.fingerprint();
    browser.post("/auth/logout?everywhere=true", "", "").await;
    assert_eq!(
        events("audit-session"),
        ["signed_in", "refreshed", "signed_out_everywhere", "signed_out"]
    );
    for line in lines("audit-session") {
        assert_eq!(line["user"], user.as_str());
        assert_eq!(line["session"], session);
        assert_eq!(
            (&line["outcome"], &line["address"]),
            (&json!("success"), &json!("127.0.0.1"))
        );
        assert!(
            line["request_id"].is_string() && line["function"].is_string() && line["timestamp"].is_string()
        );
    }
    let first = &lines("audit-session")[0];
    assert_eq!(first["request_id"], login.header("x-request-id").unwrap());
    assert_eq!(
        (&first["function"], &first["level"]),
        (&json!("login"), &json!("INFO"))
    );
}

#[tokio::test]
async fn sign_ins_that_fail() {
    let api = Api::here().await;
    let known = api.user("known").await;
    let disabled = api.user("barred").await;
    api.change(&disabled, gatecrumb_admin::Change::Disable).await;
    let mut browser = marked(&api, "audit-failures");
    for (name, password) in [
        ("known", "wrong password"),
        ("unknown", "wrong password"),
        ("barred", PASSWORD),
    ] {
        browser
            .post_json("/auth/login", &credentials(name, password))
            .await;
    }
    while browser
        .post_json("/auth/login", &credentials("unknown", "wrong"))
        .await
        .status
        == 401
    {}
    let lines = lines("audit-failures");
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(
        events[..3],
        ["sign_in_failed", "sign_in_failed", "sign_in_disabled"]
    );
    assert_eq!(*events.last().unwrap(), "sign_in_throttled");
    assert!(lines.iter().all(|line| line["outcome"] == "refused"));
    assert_eq!(
        (&lines[0]["user"], &lines[2]["user"]),
        (&json!(known.as_str()), &json!(disabled.as_str()))
    );
    // An unknown username is logged as a keyed hash, always the same one.
    assert!(lines[1].get("user").is_none());
    let hash = lines[1]["name_hash"].as_str().unwrap();
    assert_eq!(
        (hash.len(), lines.last().unwrap()["name_hash"].as_str()),
        (22, Some(hash))
    );
}

#[tokio::test]
async fn a_superseded_token_is_a_warning_and_a_metric() {
    let api = Api::here().await;
    api.user("reused").await;
    let mut browser = marked(&api, "audit-reuse");
    browser
        .post_json("/auth/login", &credentials("reused", PASSWORD))
        .await;
    api.age([&mut browser]);
    let mut thief = browser.clone();
    for _ in 0..2 {
        browser.post("/auth/refresh", "", "").await;
        api.age([&mut browser]);
    }
    assert_eq!(
        thief.post("/auth/refresh", "", "").await.outcome(),
        "401 session_reused"
    );
    let line = lines("audit-reuse").pop().unwrap();
    assert_eq!(
        (&line["event"], &line["level"]),
        (&json!("session_reused"), &json!("WARN"))
    );
    // CloudWatch reads the embedded metric format.
    let metrics = &line["_aws"]["CloudWatchMetrics"][0];
    assert!(METRICS.contains(&"session_reused"));
    assert_eq!(
        metrics["Metrics"],
        json!([{ "Name": "session_reused", "Unit": "Count" }])
    );
    assert_eq!(metrics["Dimensions"], json!([["FunctionName"]]));
    assert_eq!(
        (&line["session_reused"], &line["FunctionName"]),
        (&json!(1), &json!("test"))
    );
    assert!(line["_aws"]["Timestamp"].is_u64());
}

#[tokio::test]
async fn nothing_that_a_stranger_sends_makes_a_line_of_its_own() {
    let api = Api::here().await;
    let forged = "x\n{\"event\":\"signed_in\",\"audit\":true,\"user\":\"root\"}";
    let mut browser = api
        .browser()
        .with_header("user-agent", b"agent\t\"\\ \xff audit-injection".as_slice())
        .with_header("x-request-id", b"\"forged\"");
    browser
        .post_json("/auth/login", &credentials(forged, forged))
        .await;
    let log = logs::captured();
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).expect("each line is one object");
        assert_ne!(line["user"], "root");
    }
    assert!(!log.contains("forged"));
    let line = log.lines().find(|line| line.contains("audit-injection")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    let agent = line["user_agent"].as_str().unwrap();
    assert!(agent.starts_with("agent?\"\\ ?"), "visible ASCII: {agent}");
    let endless = "a".repeat(5000);
    marked(&api, &endless)
        .post_json("/auth/login", &credentials("x", "y"))
        .await;
    assert!(!logs::captured().contains(&"a".repeat(257)), "bounded");
}
