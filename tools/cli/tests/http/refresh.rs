mod authentication;
mod ends;
mod neighbours;
mod reuse;

use serde_json::json;

use crate::api::{ACCESS, Api, put, refresh_claims};

#[tokio::test]
async fn an_old_token_rotates_again_and_again() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let first = refresh_claims(&browser);
    for _ in 0..4 {
        api.age([&mut browser]);
        let before = refresh_claims(&browser);
        assert_eq!(browser.get("/auth/me").await.outcome(), "401 access_expired");
        let answer = browser.post("/auth/refresh", "", "").await;
        assert_eq!(
            (answer.outcome().as_str(), answer.json()),
            ("200", json!({ "expires_in": 900 }))
        );
        let after = refresh_claims(&browser);
        assert_eq!(after.parent, before.jti);
        assert_eq!((&after.sub, &after.sid), (&first.sub, &first.sid));
        assert_eq!(browser.get("/auth/me").await.outcome(), "200");
    }
    assert!(api.session_exists(&user, &first.sid).await);
}

#[tokio::test]
async fn a_young_token_is_kept_and_the_access_cookie_renewed() {
    let api = Api::start().await;
    let (_, mut browser) = api.signed_in("ada").await;
    let before = browser.jar.clone();
    let answer = browser.post("/auth/refresh", "", "").await;
    assert_eq!(answer.outcome(), "200");
    let lines = answer.set_cookies();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with(ACCESS));
    assert_ne!(browser.jar[ACCESS], before[ACCESS]);
    assert_eq!(browser.get("/auth/me").await.outcome(), "200");
}

#[tokio::test]
async fn an_answer_that_is_lost_signs_nobody_out() {
    let api = Api::start().await;
    let (_, mut browser) = api.signed_in("ada").await;
    api.age([&mut browser]);
    for _ in 0..5 {
        // The response is sent, but the browser never receives it.
        let lost = browser.clone().post("/auth/refresh", "", "").await;
        assert_eq!(lost.outcome(), "200");
    }
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    api.age([&mut browser]);
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tabs_at_once_all_stay_signed_in() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    api.age([&mut browser]);
    let tabs: Vec<_> = (0..50)
        .map(|_| {
            let mut tab = browser.clone();
            tokio::spawn(async move { (tab.post("/auth/refresh", "", "").await.outcome(), tab) })
        })
        .collect();
    for tab in tabs {
        let (outcome, mut tab) = tab.await.unwrap();
        assert_eq!(outcome, "200");
        // The browser continues with the response that the jar stored last.
        assert_eq!(tab.post("/auth/refresh", "", "").await.outcome(), "200");
    }
    assert!(api.session_exists(&user, &refresh_claims(&browser).sid).await);
}

#[tokio::test]
async fn an_access_token_is_not_needed_and_never_in_the_way() {
    let api = Api::start().await;
    let (_, mut browser) = api.signed_in("ada").await;
    put(&mut browser, ACCESS, "\"broken");
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    browser.jar.remove(ACCESS);
    assert_eq!(
        browser
            .post("/auth/refresh", "text/plain", "whatever")
            .await
            .outcome(),
        "200"
    );
}
