use gatecrumb_domain::{AccessClaims, RefreshClaims, Timestamp};
use gatecrumb_runtime::now;
use gatecrumb_store::admin::Change;
use gatecrumb_testkit::{fixtures, http::Browser};
use gatecrumb_tokens::Signer;
use serde_json::json;

use crate::api::{
    ACCESS, Api, HINT, REFRESH, access_claims, age_refresh, expire_access, expire_refresh, is_signed_out,
    put, refresh_claims, roles,
};

#[tokio::test]
async fn an_old_token_rotates_again_and_again() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let first = refresh_claims(&browser);
    for _ in 0..4 {
        expire_access(&mut browser);
        age_refresh(&mut browser);
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
    age_refresh(&mut browser);
    for _ in 0..5 {
        // The answer comes, but the browser never sees it.
        let lost = browser.clone().post("/auth/refresh", "", "").await;
        assert_eq!(lost.outcome(), "200");
    }
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    age_refresh(&mut browser);
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tabs_at_once_all_stay_signed_in() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    age_refresh(&mut browser);
    let tabs: Vec<_> = (0..50)
        .map(|_| {
            let mut tab = browser.clone();
            tokio::spawn(async move { (tab.post("/auth/refresh", "", "").await.outcome(), tab) })
        })
        .collect();
    for tab in tabs {
        let (outcome, mut tab) = tab.await.unwrap();
        assert_eq!(outcome, "200");
        // Whichever answer the jar took last, it goes on from there.
        assert_eq!(tab.post("/auth/refresh", "", "").await.outcome(), "200");
    }
    assert!(api.session_exists(&user, &refresh_claims(&browser).sid).await);
}

#[tokio::test]
async fn a_superseded_token_ends_the_session_for_thief_and_owner() {
    let api = Api::start().await;
    let (user, mut owner) = api.signed_in("ada").await;
    let mut other_session = api.sign_in("ada").await;
    age_refresh(&mut owner);
    let mut thief = owner.clone();
    for browser in [&mut owner, &mut thief] {
        assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
        age_refresh(browser);
    }
    assert_eq!(thief.post("/auth/refresh", "", "").await.outcome(), "200");
    let caught = owner.post("/auth/refresh", "", "").await;
    assert_eq!(caught.outcome(), "401 session_reused");
    assert_eq!(caught.json()["detail"], "Signed out for safety; sign in again.");
    assert!(is_signed_out(&owner), "every cookie is cleared");
    assert_eq!(thief.get("/auth/me").await.outcome(), "401 session_ended");
    age_refresh(&mut thief);
    assert_eq!(
        thief.post("/auth/refresh", "", "").await.outcome(),
        "401 session_ended"
    );
    assert_eq!(
        other_session.get("/auth/me").await.outcome(),
        "200",
        "other sessions of the user go on"
    );
    assert_eq!(api.store.sessions(&user).await.unwrap().len(), 1);
}

/// A visitor and what a jar held before: a superseded token of the same session, and one older still.
async fn gone_on(api: &Api, name: &str) -> (Browser, String, String) {
    let (_, mut browser) = api.signed_in(name).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        age_refresh(&mut browser);
        tokens.push(browser.jar[REFRESH].clone());
        assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    }
    age_refresh(&mut browser);
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    (browser, tokens.remove(1), tokens.remove(0))
}

/// Refreshes with these values under the refresh cookie's name, as a Cookie header may hold them.
async fn refresh_with(browser: &Browser, values: &[&str]) -> String {
    let mut copy = browser.clone();
    put(&mut copy, REFRESH, &values.join(&format!("; {REFRESH}=")));
    copy.post("/auth/refresh", "", "").await.outcome()
}

#[tokio::test]
async fn junk_beside_a_superseded_token_hides_no_reuse() {
    // SAM passes one cookie of a name on, API Gateway all of them.
    let api = Api::here().await;
    let flood = vec!["x"; 30].join(&format!("; {REFRESH}="));
    let neighbour = neighbours_refresh_token();
    for (place, junk) in ["x", "", "a.b.c", "\"\"", &flood, &neighbour]
        .into_iter()
        .enumerate()
    {
        for before in [true, false] {
            let (mut browser, old, older) = gone_on(&api, &format!("ada{place}{before}")).await;
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
    let (browser, old, _) = gone_on(&api, "ada").await;
    let mut expired = browser.clone();
    put(&mut expired, REFRESH, &old);
    expire_refresh(&mut expired);
    let expired = expired.jar[REFRESH].clone();
    assert_eq!(
        refresh_with(&browser, &[&expired, "x"]).await,
        "401 session_ended"
    );
    let claims = refresh_claims(&browser);
    assert!(api.session_exists(&claims.sub, &claims.sid).await);
}

#[tokio::test]
async fn a_superseded_token_beside_the_one_in_use_is_a_leftover() {
    let api = Api::here().await;
    let (browser, old, older) = gone_on(&api, "ada").await;
    let good = browser.jar[REFRESH].clone();
    // Issued later than the good one by its own word, it is looked at first.
    let mut newest = browser.clone();
    put(&mut newest, REFRESH, &old);
    let claims = RefreshClaims {
        iat: now() + std::time::Duration::from_secs(5),
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
        // Without the good one, the session that is over hides no reuse either.
        let (superseded, old, _) = gone_on(&api, &format!("eve{before}")).await;
        assert_eq!(
            refresh_with(&superseded, &[&ended, &old]).await,
            "401 session_reused"
        );
    }
}

fn neighbours_refresh_token() -> String {
    let keys = fixtures::signing_keys();
    let kid = keys.kids().next().unwrap();
    let neighbour = Signer::new(
        &keys,
        kid,
        "https://neighbour.example",
        "https://neighbour.example",
    )
    .unwrap();
    let claims = RefreshClaims {
        sub: "neighbour".parse().unwrap(),
        sid: "neighbour".parse().unwrap(),
        jti: "first".parse().unwrap(),
        parent: "root".parse().unwrap(),
        iat: fixtures::THEN,
        exp: fixtures::FAR,
    };
    neighbour.refresh(&claims).unwrap().expose().to_owned()
}

fn neighbours_access_token() -> String {
    let keys = fixtures::signing_keys();
    let kid = keys.kids().next().unwrap();
    let neighbour = Signer::new(
        &keys,
        kid,
        "https://neighbour.example",
        "https://neighbour.example",
    )
    .unwrap();
    let claims = AccessClaims {
        sub: "neighbour".parse().unwrap(),
        sid: "neighbour".parse().unwrap(),
        jti: "first".parse().unwrap(),
        roles: roles(&[]),
        iat: fixtures::THEN,
        exp: fixtures::FAR,
    };
    neighbour.access(&claims).unwrap().expose().to_owned()
}

/// Access, refresh, hint; the answers to me and refresh; what refresh clears.
type Neighbours<'a> = ([Option<&'a str>; 3], [&'a str; 2], &'a [&'a str]);

/// Two projects on this machine: browsers share cookies between the ports of a host.
#[tokio::test]
async fn a_neighbours_tokens_count_as_absent_and_are_left_alone() {
    let api = Api::here().await;
    let (foreign_access, foreign_refresh) = (neighbours_access_token(), neighbours_refresh_token());
    let (_, ours) = api.signed_in("ada").await;
    let mut over = api.sign_in("ada").await;
    let ended = over.jar[REFRESH].clone();
    over.post("/auth/logout", "", "").await;
    let (access, refresh) = (foreign_access.as_str(), foreign_refresh.as_str());
    let cases: [Neighbours<'_>; 9] = [
        (
            [Some(access), Some(refresh), Some("1")],
            ["401 not_logged_in", "401 not_logged_in"],
            &[],
        ),
        (
            [None, Some(refresh), Some("1")],
            ["401 not_logged_in", "401 not_logged_in"],
            &[],
        ),
        (
            [Some(access), None, None],
            ["401 not_logged_in", "401 not_logged_in"],
            &[],
        ),
        (
            [Some(access), None, Some("1")],
            ["401 not_logged_in", "401 not_logged_in"],
            &[],
        ),
        (
            [Some("junk"), Some(refresh), Some("1")],
            ["401 token_invalid", "401 not_logged_in"],
            &[ACCESS],
        ),
        (
            [Some(access), Some("junk"), Some("1")],
            ["401 access_expired", "401 session_ended"],
            &[REFRESH, HINT],
        ),
        (
            [Some(access), Some(&ended), Some("1")],
            ["401 access_expired", "401 session_ended"],
            &[REFRESH, HINT],
        ),
        (
            [Some(&ours.jar[ACCESS]), Some(refresh), Some("1")],
            ["200", "401 not_logged_in"],
            &[ACCESS],
        ),
        (
            [Some(access), Some(&ours.jar[REFRESH]), Some("1")],
            ["401 access_expired", "200"],
            &[],
        ),
    ];
    for (cookies, [me, refreshed], cleared) in cases {
        let mut browser = api.browser();
        for (name, value) in [ACCESS, REFRESH, HINT].into_iter().zip(cookies) {
            if let Some(value) = value {
                put(&mut browser, name, value);
            }
        }
        assert_eq!(browser.get("/auth/me").await.outcome(), me, "{cookies:?}");
        let answer = browser.post("/auth/refresh", "", "").await;
        assert_eq!(answer.outcome(), refreshed, "{cookies:?}");
        let lines = answer.set_cookies();
        let names = lines
            .iter()
            .filter(|line| line.contains("Max-Age=0"))
            .map(|line| line.split('=').next().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), cleared, "{cookies:?}");
    }
    // Two of one name: neither is cleared, as nobody could say which one would go.
    let mut both = api.browser();
    put(&mut both, REFRESH, &format!("{ended}; {REFRESH}={refresh}"));
    let answer = both.post("/auth/refresh", "", "").await;
    assert_eq!(
        (answer.outcome().as_str(), answer.set_cookies().len()),
        ("401 session_ended", 0)
    );
}

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
    expire_refresh(&mut expired);
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
                age_refresh(&mut browser);
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
        for (name, idle, absolute) in [("idle", now(), far), ("absolute", far, now())] {
            let (_, mut browser) = api.signed_in(&format!("{name}{age}")).await;
            if age {
                age_refresh(&mut browser);
            }
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
    age_refresh(&mut browser);
    let end = now() + std::time::Duration::from_secs(500);
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

#[tokio::test]
async fn a_token_repeated_late_is_answered_and_logged() {
    let api = Api::start().await;
    let (_, mut browser) = api.signed_in("ada").await;
    age_refresh(&mut browser);
    assert_eq!(
        browser.clone().post("/auth/refresh", "", "").await.outcome(),
        "200"
    );
    let sid = refresh_claims(&browser).sid;
    // As if that had been more than an access lifetime ago.
    let claims = refresh_claims(&browser);
    let session = api
        .store
        .user_and_session(&claims.sub, &claims.sid)
        .await
        .unwrap()
        .1
        .unwrap();
    api.rotated_at(&claims, &session, now() - std::time::Duration::from_secs(901))
        .await;
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    if api.emulated_by_sam() {
        return; // The log is in its container.
    }
    let log = gatecrumb_testkit::logs::captured();
    let line = log
        .lines()
        .find(|line| line.contains("refresh_repeated") && line.contains(&sid.fingerprint()));
    assert!(line.is_some());
}
