//! Reuse of a superseded token.

use std::time::Duration;

use axum::http::Method;
use gatecrumb_admin::Admin as _;
use gatecrumb_domain::RefreshClaims;
use gatecrumb_testkit::{fixtures, http::Browser};

use super::neighbours::neighbours_refresh_token;
use crate::api::{Api, REFRESH, is_signed_out, put, refresh_claims};

#[tokio::test]
async fn a_superseded_token_ends_the_session_for_thief_and_owner() {
    let api = Api::start().await;
    let (user, mut owner) = api.signed_in("ada").await;
    let mut other_session = api.sign_in("ada").await;
    api.age([&mut owner]);
    let mut thief = owner.clone();
    for browser in [&mut owner, &mut thief] {
        assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    }
    api.age([&mut owner, &mut thief]);
    assert_eq!(thief.post("/auth/refresh", "", "").await.outcome(), "200");
    let caught = owner.post("/auth/refresh", "", "").await;
    assert_eq!(caught.outcome(), "401 session_reused");
    assert_eq!(caught.json()["detail"], "Signed out for safety; sign in again.");
    assert!(is_signed_out(&owner), "every cookie is cleared");
    assert_eq!(thief.get("/auth/me").await.outcome(), "401 session_ended");
    api.age([&mut thief]);
    assert_eq!(
        thief.post("/auth/refresh", "", "").await.outcome(),
        "401 session_ended"
    );
    for (method, path) in [(Method::POST, "/auth/refresh"), (Method::GET, "/auth/me")] {
        let response = other_session.send(method, path, "", Vec::new()).await;
        assert_eq!(response.outcome(), "200", "other sessions of the user go on");
    }
    assert_eq!(api.store.sessions(&user).await.unwrap().len(), 1);
}

/// A browser after several rotations, and two of its superseded refresh tokens, the newer one first.
async fn gone_on(api: &Api, name: &str) -> (Browser, String, String) {
    let (_, mut browser) = api.signed_in(name).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        api.age([&mut browser]);
        tokens.push(browser.jar[REFRESH].clone());
        assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    }
    api.age([&mut browser]);
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    (browser, tokens.remove(1), tokens.remove(0))
}

/// Sends a refresh with these values of the refresh cookie in one Cookie header.
async fn refresh_with(browser: &Browser, values: &[&str]) -> String {
    let mut copy = browser.clone();
    put(&mut copy, REFRESH, &values.join(&format!("; {REFRESH}=")));
    copy.post("/auth/refresh", "", "").await.outcome()
}

#[tokio::test]
async fn junk_beside_a_superseded_token_hides_no_reuse() {
    // SAM forwards one cookie of each name, API Gateway all of them.
    let api = Api::here().await;
    let flood = vec!["x"; 30].join(&format!("; {REFRESH}="));
    let neighbour = neighbours_refresh_token();
    for (index, junk) in ["x", "", "a.b.c", "\"\"", &flood, &neighbour]
        .into_iter()
        .enumerate()
    {
        for before in [true, false] {
            let (mut browser, old, older) = gone_on(&api, &format!("ada{index}{before}")).await;
            let (user, sid) = (refresh_claims(&browser).sub, refresh_claims(&browser).sid);
            let values = if before {
                [junk, &old, &older]
            } else {
                [&old, &older, junk]
            };
            assert_eq!(
                refresh_with(&browser, &values).await,
                "401 session_reused",
                "{junk}"
            );
            assert!(!api.session_exists(&user, &sid).await);
            assert_eq!(browser.get("/auth/me").await.outcome(), "401 session_ended");
        }
    }
}

#[tokio::test]
async fn an_expired_superseded_token_is_no_reuse() {
    let api = Api::here().await;
    let (browser, expired, _) = gone_on(&api, "ada").await;
    let mut holder = browser.clone();
    put(&mut holder, REFRESH, &expired);
    api.advance(refresh_claims(&holder).exp.since(api.now()));
    assert_eq!(
        refresh_with(&browser, &[&expired, "x"]).await,
        "401 session_ended"
    );
    let claims = refresh_claims(&browser);
    assert!(api.session_exists(&claims.sub, &claims.sid).await);
    assert_eq!(refresh_with(&browser, &[&browser.jar[REFRESH]]).await, "200");
}

#[tokio::test]
async fn a_superseded_token_beside_the_one_in_use_is_a_leftover() {
    let api = Api::here().await;
    let (browser, old, older) = gone_on(&api, "ada").await;
    let good = browser.jar[REFRESH].clone();
    // Its `iat` is later than that of the good token, so it is examined first.
    let mut newest = browser.clone();
    put(&mut newest, REFRESH, &old);
    let claims = RefreshClaims {
        iat: api.now() + Duration::from_secs(5),
        ..refresh_claims(&newest)
    };
    let newest = fixtures::signer().refresh(&claims).unwrap().expose().to_owned();
    for values in [
        [&*old, &*good, &*older],
        [&*good, &*older, &*old],
        [&*newest, &*good, &*old],
        [&*good, &*newest, "x"],
    ] {
        assert_eq!(refresh_with(&browser, &values).await, "200");
    }
    let claims = refresh_claims(&browser);
    assert!(api.session_exists(&claims.sub, &claims.sid).await);
}

#[tokio::test]
async fn each_session_is_judged_by_its_own_tokens() {
    let api = Api::here().await;
    for before in [true, false] {
        let (superseded, old, _) = gone_on(&api, &format!("ada{before}")).await;
        let (_, good) = api.signed_in(&format!("bob{before}")).await;
        let mut over = api.sign_in(&format!("bob{before}")).await;
        let ended = over.jar[REFRESH].clone();
        assert_eq!(over.post("/auth/logout", "", "").await.outcome(), "204");
        let values = [&*ended, &*old, &good.jar[REFRESH]];
        let values = if before {
            values
        } else {
            [values[2], values[1], values[0]]
        };
        assert_eq!(
            refresh_with(&good, &values).await,
            "200",
            "a good token gets what it gets alone"
        );
        let reused = refresh_claims(&superseded);
        assert!(
            !api.session_exists(&reused.sub, &reused.sid).await,
            "and hides no reuse"
        );
        let kept = refresh_claims(&good);
        assert!(api.session_exists(&kept.sub, &kept.sid).await);
        // Without the good token: an ended session does not hide the reuse.
        let (superseded, old, _) = gone_on(&api, &format!("eve{before}")).await;
        assert_eq!(
            refresh_with(&superseded, &[&ended, &old]).await,
            "401 session_reused"
        );
    }
}

#[tokio::test]
async fn a_token_repeated_late_is_answered_and_logged() {
    let api = Api::start().await;
    let (_, mut browser) = api.signed_in("ada").await;
    api.age([&mut browser]);
    assert_eq!(
        browser.clone().post("/auth/refresh", "", "").await.outcome(),
        "200"
    );
    let sid = refresh_claims(&browser).sid;
    let late = Duration::from_secs(901);
    if api.emulated_by_sam() {
        api.rotated(&refresh_claims(&browser), late).await;
        assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
        return; // The log is in SAM's container.
    }
    api.advance(late);
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    let log = gatecrumb_testkit::logs::captured();
    let line = log
        .lines()
        .find(|line| line.contains("refresh_repeated") && line.contains(&sid.fingerprint()));
    assert!(line.is_some());
}
