//! The limits on guessing passwords.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use gatecrumb_admin::Change;
use gatecrumb_runtime::Host;
use gatecrumb_testkit::{
    dynamodb_proxy::{DynamoDbProxy, Fault, Faults},
    events, fixtures, function,
    http::{Browser, Response},
    logs,
};
use serde_json::{Value, json};

use crate::api::{Api, DEVICE, PASSWORD, credentials};

const SECRET: &str = "a secret of enough characters";
/// An API behind a proxy that sends the client's address.
const BEHIND_A_PROXY: [(&str, &str); 2] = [("PROXY_SECRET", SECRET), ("CLIENT_ADDRESS_HEADER", "x-visitor")];

fn from(api: &Api, address: &str) -> Browser {
    api.browser()
        .with_header("x-gatecrumb-proxy", SECRET)
        .with_header("x-visitor", address)
}

async fn guess(browser: &mut Browser, name: &str, password: &str) -> Response {
    browser
        .post_json("/auth/login", &credentials(name, password))
        .await
}

/// The status and the body without the seconds to wait.
fn compared(answer: &Response) -> (u16, Value) {
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
        let mut answer = guess(&mut browser, name, "wrong").await;
        // SAM's clock moves on, and an attempt may come when its wait is over. Each wait is twice as long as the one before.
        for _ in 0..4 {
            if api.emulated_by_sam() && answer.status == 401 {
                answer = guess(&mut browser, name, "wrong").await;
            }
        }
        assert_eq!(answer.outcome(), "429 too_many_attempts");
        let seconds = answer.header("retry-after").unwrap().to_owned();
        assert_eq!(answer.json()["retry_after"].to_string(), seconds);
        let longest = if api.emulated_by_sam() { 32 } else { 4 };
        assert!(
            (1..=longest).contains(&seconds.parse::<u32>().unwrap()),
            "{seconds}"
        );
        assert!(answer.set_cookies().is_empty());
        waits.push(compared(&answer));
    }
    assert!(
        waits.iter().all(|wait| *wait == waits[0]),
        "nothing tells whether there is such a user"
    );
    // Now even the correct password is refused. Other usernames are not.
    let mut browser = api.browser();
    let right = guess(&mut browser, "ada", PASSWORD).await;
    let passed = api.emulated_by_sam() && right.status == 200;
    assert!(right.status == 429 || passed, "unless the wait has just passed");
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
    // As many concurrent requests as a slow machine can serve in time.
    let outcomes: Vec<String> = stream::iter(guesses).buffer_unordered(8).collect().await;
    let reached = outcomes
        .iter()
        .filter(|outcome| *outcome == "401 invalid_credentials")
        .count();
    let waited = outcomes
        .iter()
        .filter(|outcome| *outcome == "429 too_many_attempts")
        .count();
    assert_eq!((reached, waited), (5, 95), "{outcomes:?}");
}

#[tokio::test]
async fn another_network_does_not_wait_and_a_success_is_not_counted() {
    let api = Api::with(&BEHIND_A_PROXY).await;
    api.user("ada").await;
    let mut thief = from(&api, "192.0.2.1");
    while guess(&mut thief, "ada", "wrong").await.status == 401 {}
    for _ in 0..10 {
        let mut ada = from(&api, "198.51.100.7");
        assert_eq!(guess(&mut ada, "ada", PASSWORD).await.outcome(), "200");
    }
    // A network counts failures for any username.
    let mut sprayer = from(&api, "198.51.100.7");
    let mut names = (0..).map(|name| format!("name{name}"));
    let mut failed = 0;
    while guess(&mut sprayer, &names.next().unwrap(), "wrong").await.status == 401 {
        failed += 1;
    }
    assert_eq!(failed, 100);
    // Without the proxy's secret the address header is ignored: the client's own address need not wait.
    let mut liar = api.browser().with_header("x-visitor", "198.51.100.7");
    assert_eq!(guess(&mut liar, "ada", PASSWORD).await.outcome(), "200");
}

/// Guesses from each address until it has to wait.
async fn besiege(api: &Api, addresses: &[&str], name: &str) {
    for address in addresses {
        let mut thief = from(api, address);
        while guess(&mut thief, name, "wrong").await.status == 401 {}
    }
}

#[tokio::test]
async fn a_browser_that_has_signed_in_before_does_not_wait_for_anybody() {
    let api = Api::with(&BEHIND_A_PROXY).await;
    api.user("ada").await;
    api.user("eve").await;
    let mut ada = from(&api, "198.51.100.7");
    assert_eq!(guess(&mut ada, "ada", PASSWORD).await.outcome(), "200");
    besiege(&api, &["198.51.100.7", "192.0.2.1"], "ada").await;
    // The device remains known after a sign-out and after a failure.
    ada.post("/auth/logout", "", "").await;
    for _ in 0..4 {
        assert_eq!(
            guess(&mut ada, "ada", "typo").await.outcome(),
            "401 invalid_credentials"
        );
    }
    assert_eq!(guess(&mut ada, "ada", PASSWORD).await.outcome(), "200");
    // It is known for this username only, at any address, whoever else signs in on the device.
    besiege(&api, &["198.51.100.7"], "eve").await;
    let mut stranger = ada.clone();
    let refused = guess(&mut stranger, "eve", PASSWORD).await;
    assert_eq!(refused.outcome(), "429 too_many_attempts");
    let mut elsewhere = from(&api, "192.0.2.1");
    elsewhere.jar = ada.jar.clone();
    assert_eq!(guess(&mut elsewhere, "ada", PASSWORD).await.outcome(), "200");
}

#[tokio::test]
async fn a_device_has_a_counter_of_its_own_that_copies_of_the_cookie_share() {
    let api = Api::with(&[("THROTTLE_PAIR_FAILURES", "2")]).await;
    api.user("ada").await;
    let mut ada = api.browser();
    assert_eq!(guess(&mut ada, "ada", PASSWORD).await.outcome(), "200");
    let mut thief = api.browser();
    thief.jar.insert(DEVICE.to_owned(), ada.jar[DEVICE].clone());
    // The owner continues with a new cookie for the same device.
    assert_eq!(guess(&mut ada, "ada", PASSWORD).await.outcome(), "200");
    let mut outcomes = Vec::new();
    for of_the_owner in [false, true, false, true] {
        let browser = if of_the_owner { &mut ada } else { &mut thief };
        outcomes.push(guess(browser, "ada", "wrong").await.outcome());
    }
    assert_eq!(outcomes[..2], ["401 invalid_credentials"; 2]);
    assert_eq!(outcomes[2..], ["429 too_many_attempts"; 2]);
    // No other counter was changed.
    let mut other = api.browser();
    assert_eq!(
        guess(&mut other, "ada", "wrong").await.outcome(),
        "401 invalid_credentials"
    );
}

#[tokio::test]
async fn a_device_cookie_that_is_junk_or_forged_blocks_no_sign_in_and_is_replaced() {
    let api = Api::start().await;
    api.user("ada").await;
    for junk in [
        "",
        "x",
        "1.2.3.4",
        "1.1800000000.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let mut browser = api.browser();
        browser.jar.insert(DEVICE.to_owned(), junk.to_owned());
        assert_eq!(
            guess(&mut browser, "ada", PASSWORD).await.outcome(),
            "200",
            "{junk}"
        );
        let cookie = browser.jar[DEVICE].clone();
        assert_ne!(cookie, junk);
        let known = fixtures::device_keys().recognize("ada", [cookie.as_str()], api.now());
        assert!(known.device().is_some());
    }
}

#[tokio::test]
async fn only_a_success_makes_a_device_known() {
    let api = Api::start().await;
    let user = api.user("ada").await;
    let mut browser = api.browser();
    assert!(guess(&mut browser, "ada", "wrong").await.set_cookies().is_empty());
    assert!(
        guess(&mut browser, "nobody", PASSWORD)
            .await
            .set_cookies()
            .is_empty()
    );
    api.change(&user, Change::Disable).await;
    let disabled = guess(&mut browser, "ada", PASSWORD).await;
    assert_eq!(disabled.outcome(), "403 account_disabled");
    assert!(disabled.set_cookies().is_empty() && browser.jar.is_empty());
}

#[tokio::test]
async fn devices_stay_known_when_the_signing_key_is_another_one() {
    let before = Api::with(&[]).await;
    before.user("ada").await;
    let browser = before.sign_in("ada").await;
    // It depends only on the device keys.
    let known = fixtures::device_keys().recognize("ada", [browser.jar[DEVICE].as_str()], before.now());
    assert!(known.device().is_some());
}

/// 64 guesses from one /56, and `2001:db8::1:443` without brackets.
#[tokio::test]
async fn one_ipv6_customer_is_one_source_whatever_the_port() {
    let api = Api::with(&BEHIND_A_PROXY).await;
    let mut reached = 0;
    for (subnet, port) in (0..64_u32).zip((443..).step_by(17)) {
        let mut guesser = from(&api, &format!("2001:db8:0:{subnet:x}::1:{port}"));
        reached += u32::from(guess(&mut guesser, "ada", "wrong").await.status == 401);
    }
    assert_eq!(reached, 5);
}

/// Concurrent sign-ins from one network conflict: that is not an error, and no failure is counted.
#[tokio::test]
async fn counters_that_others_hold_for_too_long_are_a_wait_of_a_second() {
    logs::capture();
    let (address, _) = fixtures::dynamodb().await;
    let faults = Faults::default();
    let proxy = DynamoDbProxy::start(address, faults.clone()).await;
    let env = function::environment(&proxy.endpoint(), &[]);
    let login = login::start(env, Host::lambda()).await.unwrap();
    let event = events::named("login/success");
    faults.fail(Fault::Contended, 100);
    let answer = function::invoke(&login, &event).await;
    assert_eq!(
        (&answer["statusCode"], &answer["headers"]["retry-after"]),
        (&json!(429), &json!("1")),
        "{answer}"
    );
    // A conflict that a retry resolves has no effect.
    faults.fail(Fault::Contended, 3);
    assert_eq!(function::invoke(&login, &event).await["statusCode"], 200);
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
    let first = guess(&mut browser, "ada", "wrong").await;
    assert_eq!(first.outcome(), "401 invalid_credentials");
    let second = guess(&mut browser, "ada", "wrong").await;
    assert_eq!(second.outcome(), "429 too_many_attempts");
    // When the wait has passed, one more attempt is granted.
    let wait = second.json()["retry_after"].as_u64().unwrap();
    api.advance(Duration::from_secs(wait));
    for outcome in ["401 invalid_credentials", "429 too_many_attempts"] {
        assert_eq!(guess(&mut browser, "ada", "wrong").await.outcome(), outcome);
    }
}
