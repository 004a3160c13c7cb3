//! How often a password may be guessed.

use futures_util::{StreamExt as _, stream};
use gatecrumb_testkit::http::{Answer, Browser};
use serde_json::Value;

use crate::api::{Api, PASSWORD, credentials};

const SECRET: &str = "a secret of enough characters";
/// With a proxy that says which address asks.
const BEHIND_A_PROXY: [(&str, &str); 2] = [("PROXY_SECRET", SECRET), ("CLIENT_ADDRESS_HEADER", "x-visitor")];

fn from(api: &Api, address: &str) -> Browser {
    api.browser()
        .with_header("x-gatecrumb-proxy", SECRET)
        .with_header("x-visitor", address)
}

async fn guess(browser: &mut Browser, name: &str, password: &str) -> Answer {
    browser
        .post_json("/auth/login", &credentials(name, password))
        .await
}

/// Status and body, but for the request's own id and the seconds that pass meanwhile.
fn told(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json();
    body["retry_after"] = Value::Null;
    (answer.status.as_u16(), body)
}

#[tokio::test]
async fn after_five_failures_the_next_has_to_wait_whoever_it_is() {
    let api = Api::start().await;
    api.user("ada").await;
    let mut waits = Vec::new();
    for name in ["ada", "nobody", "no body"] {
        let mut browser = api.browser();
        for _ in 0..5 {
            let answer = guess(&mut browser, name, "wrong").await;
            assert_eq!(answer.outcome(), "401 invalid_credentials");
        }
        // The sixth may come in the next second already: the seventh then waits for two.
        let mut answer = guess(&mut browser, name, "wrong").await;
        if answer.status == 401 {
            answer = guess(&mut browser, name, "wrong").await;
        }
        assert_eq!(answer.outcome(), "429 too_many_attempts");
        let seconds = answer.header("retry-after").unwrap().to_owned();
        assert_eq!(answer.json()["retry_after"].to_string(), seconds);
        assert!((1..=4).contains(&seconds.parse::<u32>().unwrap()), "{seconds}");
        assert!(answer.set_cookies().is_empty());
        waits.push(told(&answer));
    }
    assert!(
        waits.iter().all(|told| *told == waits[0]),
        "nothing tells whether there is such a user"
    );
    // Not even the right password gets through now; other names do.
    let mut browser = api.browser();
    let right = guess(&mut browser, "ada", PASSWORD).await;
    assert!(
        right.status == 429 || right.status == 200,
        "unless the wait has passed just now"
    );
    api.user("eve").await;
    assert_eq!(guess(&mut browser, "eve", PASSWORD).await.outcome(), "200");
}

#[tokio::test]
async fn guesses_sent_at_once_get_no_further() {
    let api = Api::here().await;
    api.user("ada").await;
    let guesses = (0..100).map(|_| {
        let mut browser = api.browser();
        async move { guess(&mut browser, "ada", "wrong").await.outcome() }
    });
    // As many in flight as a slow machine answers in time.
    let outcomes: Vec<String> = stream::iter(guesses).buffer_unordered(8).collect().await;
    let reached = outcomes
        .iter()
        .filter(|outcome| *outcome == "401 invalid_credentials")
        .count();
    let waited = outcomes
        .iter()
        .filter(|outcome| *outcome == "429 too_many_attempts")
        .count();
    assert_eq!(reached + waited, 100, "{outcomes:?}");
    // Beyond the five, one more for each doubling of the wait that passes meanwhile: eight in four minutes.
    assert!((5..=13).contains(&reached), "{reached}");
}

#[tokio::test]
async fn another_address_does_not_wait_and_the_sign_in_forgives() {
    let api = Api::with(&BEHIND_A_PROXY).await;
    api.user("ada").await;
    let mut thief = from(&api, "192.0.2.1");
    while guess(&mut thief, "ada", "wrong").await.status == 401 {}
    let mut ada = from(&api, "198.51.100.7");
    for _ in 0..10 {
        for _ in 0..4 {
            assert_eq!(
                guess(&mut ada, "ada", "typo").await.outcome(),
                "401 invalid_credentials"
            );
        }
        assert_eq!(guess(&mut ada, "ada", PASSWORD).await.outcome(), "200");
    }
    // The address counts what failed, whatever the name.
    let mut names = (0..).map(|name| format!("name{name}"));
    let mut failed = 40;
    while guess(&mut ada, &names.next().unwrap(), "wrong").await.status == 401 {
        failed += 1;
    }
    // Twice as many should the hour be over just now.
    assert!((100..210).contains(&failed), "{failed}");
    // Without the secret nobody can claim an address: this one's own is not waiting.
    let mut liar = api.browser().with_header("x-visitor", "198.51.100.7");
    assert_eq!(guess(&mut liar, "ada", PASSWORD).await.outcome(), "200");
}

#[tokio::test]
async fn tests_can_switch_it_off() {
    let api = Api::with(&[("THROTTLE", "off")]).await;
    let mut browser = api.browser();
    for _ in 0..12 {
        assert_eq!(
            guess(&mut browser, "ada", "wrong").await.outcome(),
            "401 invalid_credentials"
        );
    }
}

#[tokio::test]
async fn the_limits_are_settings() {
    let api = Api::with(&[("THROTTLE_PAIR_FAILURES", "1")]).await;
    let mut browser = api.browser();
    let outcomes = [
        guess(&mut browser, "ada", "wrong").await.outcome(),
        guess(&mut browser, "ada", "wrong").await.outcome(),
        guess(&mut browser, "ada", "wrong").await.outcome(),
    ];
    assert!(
        outcomes.iter().any(|outcome| outcome == "429 too_many_attempts"),
        "{outcomes:?}"
    );
}
