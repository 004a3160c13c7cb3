//! The notes themselves.

use std::time::Duration;

use futures_util::future::join_all;
use notes_api::{MAX_CHARACTERS, MAX_NOTES};
use serde_json::json;

use crate::stack::{ORIGIN, Stack, cookies};

#[tokio::test]
async fn a_user_lists_adds_and_deletes_own_notes_only() {
    let stack = Stack::start().await;
    let alice = stack.signed_in("alice", &[]).await;
    let bob = stack.signed_in("bob", &[]).await;
    assert_eq!(stack.contents(&alice).await, [""; 0]);

    let added = stack.add(&alice, "  milk ").await;
    assert_eq!(added.status, 201);
    assert_eq!(added.body["note"]["text"], "milk");
    assert_eq!(added.headers["cache-control"], "no-store");
    stack.host.advance(Duration::from_millis(5));
    stack.add(&alice, "bread").await;
    stack.add(&bob, "bob's").await;
    assert_eq!(stack.contents(&alice).await, ["bread", "milk"]);
    assert_eq!(stack.contents(&bob).await, ["bob's"]);

    let milk = format!("DELETE /notes/{}", added.body["note"]["id"].as_str().unwrap());
    assert_eq!(stack.call(&bob, &milk).await.outcome(), "404 not_found");
    assert_eq!(stack.call(&alice, &milk).await.outcome(), "204");
    assert_eq!(stack.call(&alice, &milk).await.outcome(), "404 not_found");
    assert_eq!(stack.contents(&alice).await, ["bread"]);
    assert_eq!(
        stack.call(&alice, "DELETE /notes/counts").await.outcome(),
        "404 not_found"
    );
}

#[tokio::test]
async fn a_body_is_json_with_a_bounded_text() {
    let stack = Stack::start().await;
    let alice = stack.signed_in("alice", &[]).await;
    let cookies = cookies(&alice);
    let json = "application/json";
    let note = |text: &str| json!({ "text": text }).to_string();
    let long = "\u{1f5d2}".repeat(MAX_CHARACTERS);
    // The longest body that is a note: every UTF-16 unit is escaped.
    let escaped = format!("{{\"text\":\"{}\"}}", "\\ud83d\\uddd2".repeat(MAX_CHARACTERS));
    let table = [
        (json, note("milk"), "201"),
        ("Application/JSON; charset=utf-8", note("milk"), "201"),
        (json, note(&long), "201"),
        (json, escaped, "201"),
        (json, note(&format!("{long}a")), "400 invalid_text"),
        (json, note(" \n"), "400 invalid_text"),
        (json, String::new(), "400 invalid_request"),
        (json, "{}".to_owned(), "400 invalid_request"),
        (json, "{\"text\":1}".to_owned(), "400 invalid_request"),
        (
            json,
            "{\"text\":\"a\",\"owner\":\"bob\"}".to_owned(),
            "400 invalid_request",
        ),
        (json, "{\"text\":\"\\ud83d\"}".to_owned(), "400 invalid_request"),
        ("text/plain", note("milk"), "415 unsupported_media_type"),
        ("", note("milk"), "415 unsupported_media_type"),
        (json, note(&"a".repeat(32 * 1024)), "413 body_too_large"),
    ];
    for (content_type, body, expected) in table {
        let mut headers = vec![("cookie", cookies.as_str()), ("origin", ORIGIN)];
        if !content_type.is_empty() {
            headers.push(("content-type", content_type));
        }
        let start = format!("{content_type} {body:.40}");
        let answer = stack.send("POST /notes", &headers, body).await;
        assert_eq!(answer.outcome(), expected, "{start}");
    }
    assert_eq!(stack.contents(&alice).await.len(), 4);
}

/// Requests of one user conflict, so they may get 503. None may exceed the limit.
#[tokio::test]
async fn a_user_has_at_most_fifty_notes_even_with_requests_at_the_same_time() {
    let stack = Stack::start().await;
    let alice = stack.signed_in("alice", &[]).await;
    for number in 0..MAX_NOTES - 2 {
        assert_eq!(stack.add(&alice, &number.to_string()).await.outcome(), "201");
    }
    let racing = join_all((0..6).map(|_| stack.add(&alice, "racing"))).await;
    let added = racing
        .iter()
        .filter(|answer| match answer.outcome().as_str() {
            "201" => true,
            "409 too_many_notes" | "503 unavailable" => false,
            other => panic!("{other}"),
        })
        .count();
    assert!(added <= 2, "{added} more than the limit allows");
    assert_eq!(stack.contents(&alice).await.len(), MAX_NOTES - 2 + added);
    while stack.contents(&alice).await.len() < MAX_NOTES {
        assert_eq!(stack.add(&alice, "more").await.outcome(), "201");
    }
    assert_eq!(
        stack.add(&alice, "too many").await.outcome(),
        "409 too_many_notes"
    );

    let listed = stack.call(&alice, "GET /notes").await;
    let first = listed.body["notes"][0]["id"].as_str().unwrap();
    let removed = stack.call(&alice, &format!("DELETE /notes/{first}")).await;
    assert_eq!(removed.outcome(), "204");
    assert_eq!(stack.add(&alice, "room again").await.outcome(), "201");

    assert_eq!(stack.call(&alice, "DELETE /notes").await.outcome(), "204");
    assert_eq!(
        stack.call(&alice, "DELETE /notes").await.outcome(),
        "204",
        "nothing left to delete"
    );
    assert_eq!(stack.contents(&alice).await, [""; 0]);
    for number in 0..MAX_NOTES {
        let added = stack.add(&alice, &number.to_string()).await;
        assert_eq!(added.outcome(), "201", "the number of notes is right");
    }
}

#[tokio::test]
async fn an_admin_reads_the_numbers_page_by_page() {
    let stack = Stack::start().await;
    let admin = stack.signed_in("carol", &["admin"]).await;
    let other = stack.signed_in("dave", &["admin-readonly"]).await;
    let counts = "GET /notes/counts";
    assert_eq!(stack.call(&other, counts).await.outcome(), "403 role_required");
    let empty = stack.call(&admin, counts).await;
    assert_eq!(empty.body, json!({ "counts": [], "next": null }));

    let mut users: Vec<String> = (0..130).map(|number| format!("service-{number:03}")).collect();
    for user in &users {
        let bearer = stack.bearer(user);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let added = stack.send("POST /notes", &headers, "{\"text\":\"a\"}").await;
        assert_eq!(added.outcome(), "201", "a bearer token needs no origin");
    }
    let mut pages = Vec::new();
    let mut next = String::new();
    loop {
        let page = stack.call(&admin, &format!("{counts}{next}")).await;
        assert_eq!(page.outcome(), "200");
        let listed = page.body["counts"].as_array().unwrap().clone();
        pages.push(listed.len());
        for count in listed {
            assert_eq!(count["notes"], 1);
            assert_eq!(count["user"], users.remove(0));
        }
        match page.body["next"].as_str() {
            Some(after) => next = format!("?after={after}"),
            None => break,
        }
    }
    assert_eq!(pages, [100, 30]);
    let broken = stack.call(&admin, &format!("{counts}?after=a%20b")).await;
    assert_eq!(broken.outcome(), "400 invalid_request");
}
