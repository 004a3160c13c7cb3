//! What ends a session, and how the next refresh responds.

use gatecrumb_admin::Change;
use gatecrumb_domain::Timestamp;

use crate::api::{ACCESS, Api, HINT, REFRESH, access_claims, is_signed_out, put, refresh_claims, roles};

#[tokio::test]
async fn without_a_usable_token_the_visitor_is_signed_out_and_cookies_cleared() {
    let api = Api::start().await;
    let (_, browser) = api.signed_in("ada").await;

    let mut none = api.browser();
    put(&mut none, HINT, "1");
    put(&mut none, ACCESS, "broken");
    let mut broken = browser.clone();
    put(&mut broken, REFRESH, "broken");
    let mut oversized = browser.clone();
    put(&mut oversized, REFRESH, &"x".repeat(5000));
    let mut expired = browser.clone();
    api.expire_refresh(&mut expired);
    let mut access_for_refresh = browser.clone();
    put(&mut access_for_refresh, REFRESH, &browser.jar[ACCESS]);

    for (mut browser, outcome) in [
        (api.browser(), "401 not_logged_in"),
        (none, "401 not_logged_in"),
        (broken, "401 session_ended"),
        (oversized, "401 session_ended"),
        (expired, "401 session_ended"),
        (access_for_refresh, "401 session_ended"),
    ] {
        let answer = browser.post("/auth/refresh", "", "").await;
        assert_eq!(answer.outcome(), outcome);
        assert!(is_signed_out(&browser), "{outcome}");
        assert_eq!(answer.set_cookies().len(), 3);
    }
}

#[tokio::test]
async fn what_ended_the_session_shows_at_the_next_refresh_young_or_old() {
    let api = Api::start().await;
    for age in [false, true] {
        for (name, change) in [
            ("disabled", Change::Disable),
            (
                "repassworded",
                crate::api::new_password(crate::api::phc("another password").await),
            ),
            ("everywhere", Change::EndSessions),
        ] {
            let (user, mut browser) = api.signed_in(&format!("{name}{age}")).await;
            if age {
                api.age([&mut browser]);
            }
            let sid = refresh_claims(&browser).sid;
            api.change(&user, change).await;
            assert_eq!(
                browser.post("/auth/refresh", "", "").await.outcome(),
                "401 session_ended",
                "{name} {age}"
            );
            assert!(!api.session_exists(&user, &sid).await, "{name} {age}");
        }
    }
}

#[tokio::test]
async fn a_session_past_either_of_its_ends_is_over_whatever_the_token_says() {
    let api = Api::start().await;
    let far = Timestamp(u64::MAX / 2);
    for age in [false, true] {
        for name in ["idle", "absolute"] {
            let (_, mut browser) = api.signed_in(&format!("{name}{age}")).await;
            if age {
                api.age([&mut browser]);
            }
            let (idle, absolute) = if name == "idle" {
                (api.now(), far)
            } else {
                (far, api.now())
            };
            api.set_session(&refresh_claims(&browser), idle, absolute).await;
            assert_eq!(
                browser.post("/auth/refresh", "", "").await.outcome(),
                "401 session_ended",
                "{name} {age}"
            );
        }
    }
}

#[tokio::test]
async fn no_rotation_moves_the_absolute_end() {
    let api = Api::start().await;
    let (_, mut browser) = api.signed_in("ada").await;
    api.age([&mut browser]);
    let end = api.now() + std::time::Duration::from_secs(500);
    api.set_session(&refresh_claims(&browser), end, end).await;
    let answer = browser.post("/auth/refresh", "", "").await;
    let left = answer.json()["expires_in"].as_u64().unwrap();
    assert!((490..=500).contains(&left), "{left}");
    assert_eq!(
        (refresh_claims(&browser).exp, access_claims(&browser).exp),
        (end, end)
    );
}

#[tokio::test]
async fn a_demoted_role_is_gone_at_the_next_refresh() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    api.change(&user, Change::Roles(roles(&["reader"]))).await;
    assert_eq!(
        access_claims(&browser).roles,
        roles(&["editor", "reader"]),
        "until then the token has it"
    );
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    assert_eq!(access_claims(&browser).roles, roles(&["reader"]));
}
