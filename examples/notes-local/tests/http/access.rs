//! Who may call which route: by the library, and by the authorizer.

use std::time::Duration;

use gatecrumb_testkit::fixtures;
use serde_json::{Value, json};

use crate::stack::{ORIGIN, Stack, cookies};

/// A route that verifies the token itself, and the one behind the authorizer.
const LIBRARY: &str = "GET /notes";
const AUTHORIZER: &str = "GET /notes/session";

#[tokio::test]
async fn nobody_gets_anything_without_a_token() {
    let stack = Stack::start().await;
    for route in notes_local::ROUTES {
        let route = route
            .key()
            .replace("{id}", "67e55044-10b1-426f-9247-bb680e5fe0c8");
        let answer = stack.send(&route, &[("origin", ORIGIN)], "").await;
        let expected = if route == AUTHORIZER {
            "403"
        } else {
            "401 not_logged_in"
        };
        assert_eq!(answer.outcome(), expected, "{route}");
    }
    assert_eq!(stack.send("GET /other", &[], "").await.outcome(), "404");
    assert_eq!(stack.send("PUT /notes", &[], "").await.outcome(), "404");
}

#[tokio::test]
async fn the_function_behind_the_authorizer_learns_who_is_calling() {
    let stack = Stack::start().await;
    let admin = stack.signed_in("carol", &["admin", "reader"]).await;
    let signed_in_at = stack.host.host().clock.now().0;
    let answer = stack.call(&admin, AUTHORIZER).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["roles"], json!("[\"admin\",\"reader\"]"));
    assert_eq!(answer.body["auth_time"], signed_in_at);
    assert_eq!(answer.body["acr"], "aal1");
}

/// A client refreshes on the library's 401, and on the 403 of API Gateway, which is no problem answer.
#[tokio::test]
async fn an_expired_access_token_is_refused_until_it_is_refreshed() {
    let stack = Stack::start().await;
    let mut alice = stack.signed_in("alice", &[]).await;
    stack.host.advance(fixtures::AGED);
    assert_eq!(stack.call(&alice, LIBRARY).await.outcome(), "401 access_expired");
    let denied = stack.call(&alice, AUTHORIZER).await;
    assert_eq!(denied.outcome(), "403");
    assert_eq!(denied.body, json!({ "message": "Forbidden" }));
    assert_eq!(
        denied.headers["access-control-allow-origin"], ORIGIN,
        "the page can read it"
    );

    assert_eq!(alice.post("/auth/refresh", "", "").await.outcome(), "200");
    assert_eq!(stack.call(&alice, LIBRARY).await.outcome(), "200");
    assert_eq!(stack.call(&alice, AUTHORIZER).await.outcome(), "200");
}

#[tokio::test]
async fn all_notes_are_deleted_only_within_five_minutes_of_a_sign_in() {
    let stack = Stack::start().await;
    let mut alice = stack.signed_in("alice", &[]).await;
    stack.add(&alice, "milk").await;
    stack.host.advance(Duration::from_secs(301));
    let too_old = stack.call(&alice, "DELETE /notes").await;
    assert_eq!(too_old.outcome(), "401 reauthentication_required");
    let challenge = too_old.headers["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.contains("insufficient_user_authentication"),
        "{challenge}"
    );
    assert!(challenge.contains("max_age=\"300\""), "{challenge}");

    // A refresh makes the token newer, never the sign-in.
    assert_eq!(alice.post("/auth/refresh", "", "").await.outcome(), "200");
    let refreshed = stack.call(&alice, "DELETE /notes").await;
    assert_eq!(refreshed.outcome(), "401 reauthentication_required");
    assert_eq!(stack.contents(&alice).await, ["milk"]);

    stack.sign_in(&mut alice, "alice").await;
    stack.host.advance(Duration::from_secs(300));
    assert_eq!(stack.call(&alice, "DELETE /notes").await.outcome(), "204");
    assert_eq!(stack.contents(&alice).await, [""; 0]);
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing() {
    let stack = Stack::start().await;
    let alice = stack.signed_in("alice", &[]).await;
    let added = stack.add(&alice, "milk").await;
    let one = format!("DELETE /notes/{}", added.body["note"]["id"].as_str().unwrap());
    let cookies = cookies(&alice);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "http://127.0.0.1:3001"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let headers = [
            ("cookie", cookies.as_str()),
            ("content-type", "application/json"),
            (name, value),
        ];
        for route in ["POST /notes", "DELETE /notes", &one] {
            let answer = stack.send(route, &headers, "{\"text\":\"theirs\"}").await;
            assert_eq!(answer.outcome(), "403 cross_origin", "{route} {name}: {value}");
        }
        let read = stack.send(LIBRARY, &headers, "").await;
        assert_eq!(
            read.headers.get("access-control-allow-origin"),
            None,
            "it cannot read"
        );
    }
    assert_eq!(stack.contents(&alice).await, ["milk"]);
}

#[tokio::test]
async fn a_preflight_allows_the_methods_to_the_pages_alone() {
    let stack = Stack::start().await;
    let preflight = async |origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "DELETE")];
        stack.send("OPTIONS /notes", &headers, "").await
    };
    let ours = preflight(ORIGIN).await;
    assert_eq!(ours.status, 204);
    assert_eq!(ours.headers["access-control-allow-origin"], ORIGIN);
    assert_eq!(ours.headers["access-control-allow-credentials"], "true");
    assert_eq!(
        ours.headers["access-control-allow-methods"],
        "DELETE,GET,OPTIONS,POST"
    );
    let theirs = preflight("https://evil.example").await;
    assert_eq!(theirs.headers.get("access-control-allow-origin"), None);
    assert_eq!(theirs.headers.get("access-control-allow-methods"), None);
}

/// What the library and the stateless authorizer do not know: the session has ended.
#[tokio::test]
async fn a_revoked_session_is_refused_at_once_by_the_strict_authorizer_alone() {
    for (strict, expected) in [(true, "403"), (false, "200")] {
        let stack = Stack::with_authorizer(strict).await;
        let mut alice = stack.signed_in("alice", &[]).await;
        assert_eq!(
            stack.call(&alice, AUTHORIZER).await.outcome(),
            "200",
            "strict: {strict}"
        );
        let stolen = alice.clone();
        assert_eq!(alice.post("/auth/logout", "", "").await.outcome(), "204");
        assert_eq!(
            stack.call(&stolen, AUTHORIZER).await.outcome(),
            expected,
            "strict: {strict}"
        );
        assert_eq!(
            stack.call(&stolen, LIBRARY).await.outcome(),
            "200",
            "until it expires"
        );
        stack.host.advance(fixtures::AGED);
        assert_eq!(stack.call(&stolen, AUTHORIZER).await.outcome(), "403");
        assert_eq!(stack.call(&stolen, LIBRARY).await.outcome(), "401 access_expired");
    }
}

#[tokio::test]
async fn a_caller_does_not_choose_what_the_authorizer_passes_on() {
    let stack = Stack::start().await;
    let alice = stack.signed_in("alice", &[]).await;
    let cookies = cookies(&alice);
    let headers = [
        ("cookie", cookies.as_str()),
        ("authorizer", "admin"),
        ("x-roles", "[\"admin\"]"),
    ];
    let answer = stack.send("GET /notes/session?roles=admin", &headers, "").await;
    assert_eq!(answer.body["roles"], Value::from("[]"));
}
