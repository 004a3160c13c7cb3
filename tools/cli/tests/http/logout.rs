use gatecrumb_admin::Admin as _;

use crate::api::{ACCESS, Api, REFRESH, access_claims, is_signed_out, put, refresh_claims};

#[tokio::test]
async fn the_session_is_over_and_the_cookies_are_gone() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let mut copy = browser.clone();
    let mut other = api.sign_in("ada").await;
    let answer = browser.post("/auth/logout", "", "").await;
    assert_eq!(answer.outcome(), "204");
    assert!(answer.body.is_empty() && is_signed_out(&browser));
    assert!(!api.session_exists(&user, &access_claims(&copy).sid).await);
    assert_eq!(
        copy.get("/auth/me").await.outcome(),
        "401 session_ended",
        "a copied access token is worth nothing"
    );
    assert_eq!(
        copy.post("/auth/refresh", "", "").await.outcome(),
        "401 session_ended"
    );
    assert_eq!(
        other.get("/auth/me").await.outcome(),
        "200",
        "other browsers stay signed in"
    );
}

#[tokio::test]
async fn it_is_always_204_repeated_with_nothing_or_with_rubbish() {
    let api = Api::start().await;
    let (_, browser) = api.signed_in("ada").await;
    let mut rubbish = api.browser();
    put(&mut rubbish, ACCESS, "\"%00;;==");
    put(&mut rubbish, REFRESH, &"x".repeat(6000));
    for mut browser in [browser.clone(), browser, api.browser(), rubbish] {
        assert_eq!(browser.post("/auth/logout", "", "").await.outcome(), "204");
        assert!(is_signed_out(&browser));
    }
}

#[tokio::test]
async fn any_token_of_ours_ends_its_session_expired_and_superseded_ones_too() {
    let api = Api::start().await;
    let user = api.user("ada").await;

    let mut expired_access = api.sign_in("ada").await;
    api.expire_access(&mut expired_access);
    expired_access.jar.remove(REFRESH);

    let mut expired_refresh = api.sign_in("ada").await;
    api.expire_refresh(&mut expired_refresh);
    expired_refresh.jar.remove(ACCESS);

    let mut superseded = api.sign_in("ada").await;
    api.age([&mut superseded]);
    let mut ahead = superseded.clone();
    for _ in 0..3 {
        assert_eq!(ahead.post("/auth/refresh", "", "").await.outcome(), "200");
        api.age([&mut ahead]);
    }
    superseded.jar.remove(ACCESS);

    assert_eq!(api.store.sessions(&user).await.unwrap().len(), 3);
    for (left, mut browser) in [(2, expired_access), (1, expired_refresh), (0, superseded)] {
        assert_eq!(browser.post("/auth/logout", "", "").await.outcome(), "204");
        assert_eq!(api.store.sessions(&user).await.unwrap().len(), left);
    }
}

#[tokio::test]
async fn tokens_of_two_sessions_end_both() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let other = api.sign_in("ada").await;
    put(&mut browser, REFRESH, &other.jar[REFRESH]);
    assert_eq!(browser.post("/auth/logout", "", "").await.outcome(), "204");
    assert_eq!(api.store.sessions(&user).await.unwrap().len(), 0);
}

/// The most junk that fits in front of the tokens in a request of 10,240 bytes.
#[tokio::test]
async fn junk_in_front_of_a_good_token_saves_no_session() {
    // SAM forwards one cookie of each name, API Gateway all of them.
    let api = Api::here().await;
    for (query, left) in [("", 1), ("?everywhere=true", 1)] {
        let (user, browser) = api.signed_in(&format!("ada{}", query.len())).await;
        let mut other = api.sign_in(&format!("ada{}", query.len())).await;
        let flood = |name: &str, value: &str| format!("{}{value}", format!("x; {name}=").repeat(100));
        let mut flooded = browser.clone();
        put(&mut flooded, ACCESS, &flood(ACCESS, &browser.jar[ACCESS]));
        put(&mut flooded, REFRESH, &flood(REFRESH, &browser.jar[REFRESH]));
        assert_eq!(flooded.clone().get("/auth/me").await.outcome(), "200");
        assert_eq!(
            flooded
                .post(&format!("/auth/logout{query}"), "", "")
                .await
                .outcome(),
            "204"
        );
        assert_eq!(api.store.sessions(&user).await.unwrap().len(), left);
        let expected = if query.is_empty() {
            "200"
        } else {
            "401 session_ended"
        };
        assert_eq!(other.get("/auth/me").await.outcome(), expected);
    }
}

#[tokio::test]
async fn everywhere_ends_all_sessions_of_the_user_and_of_nobody_else() {
    let api = Api::start().await;
    let (_, mut here) = api.signed_in("ada").await;
    let mut there = api.sign_in("ada").await;
    let (_, mut somebody) = api.signed_in("bob").await;
    assert_eq!(
        here.post("/auth/logout?everywhere=true", "", "").await.outcome(),
        "204"
    );
    assert!(is_signed_out(&here));
    assert_eq!(there.get("/auth/me").await.outcome(), "401 session_ended");
    assert_eq!(
        there.post("/auth/refresh", "", "").await.outcome(),
        "401 session_ended"
    );
    assert_eq!(somebody.get("/auth/me").await.outcome(), "200");
    let mut again = api.sign_in("ada").await;
    assert_eq!(again.get("/auth/me").await.outcome(), "200");
}

#[tokio::test]
async fn everywhere_needs_an_unexpired_token_of_a_session_that_is_live() {
    let api = Api::start().await;
    let (_, mut keeps) = api.signed_in("ada").await;

    let mut expired = api.sign_in("ada").await;
    api.expire_access(&mut expired);
    api.expire_refresh(&mut expired);
    let expired_sid = refresh_claims(&expired).sid;
    assert_eq!(
        expired
            .post("/auth/logout?everywhere=true", "", "")
            .await
            .outcome(),
        "204"
    );

    let mut ended = api.sign_in("ada").await;
    let copy = ended.clone();
    assert_eq!(ended.post("/auth/logout", "", "").await.outcome(), "204");
    assert_eq!(
        copy.clone()
            .post("/auth/logout?everywhere=true", "", "")
            .await
            .outcome(),
        "204"
    );

    assert_eq!(keeps.get("/auth/me").await.outcome(), "200");
    let user = access_claims(&keeps).sub;
    assert!(
        !api.session_exists(&user, &expired_sid).await,
        "its own was ended"
    );
}

#[tokio::test]
async fn any_value_but_a_no_means_everywhere() {
    // SAM rewrites queries.
    let api = Api::here().await;
    for (index, (query, kept)) in [
        ("?everywhere=True", false),
        ("?everywhere=1", false),
        ("?everywhere=yes", false),
        ("?everywhere", false),
        ("?everywhere=", false),
        ("?everywhere=%74rue", false),
        ("?everywhere=false&everywhere=true", false),
        ("?everywhere=false", true),
        ("?everywhere=FALSE", true),
        ("?everywhere=0", true),
        ("?everywhere=%6Eo", true),
        ("?Everywhere=true", true),
        ("?x=everywhere=true", true),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("ada{index}");
        let (_, mut here) = api.signed_in(&name).await;
        let mut there = api.sign_in(&name).await;
        assert_eq!(
            here.post(&format!("/auth/logout{query}"), "", "").await.outcome(),
            "204"
        );
        let expected = if kept { "200" } else { "401 session_ended" };
        assert_eq!(there.get("/auth/me").await.outcome(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_session_that_is_over_but_not_swept_ends_no_other() {
    let api = Api::start().await;
    let (_, mut old) = api.signed_in("ada").await;
    let mut idle = api.sign_in("ada").await;
    let mut copy_of_old = old.clone();
    assert_eq!(
        old.post("/auth/logout?everywhere=true", "", "").await.outcome(),
        "204"
    );
    let mut since_then = api.sign_in("ada").await;
    // The session has an older epoch; its row still exists.
    idle.jar.remove(ACCESS);
    assert_eq!(
        idle.post("/auth/logout?everywhere=true", "", "").await.outcome(),
        "204"
    );
    assert_eq!(
        copy_of_old
            .post("/auth/logout?everywhere=true", "", "")
            .await
            .outcome(),
        "204"
    );
    assert_eq!(since_then.get("/auth/me").await.outcome(), "200");

    // The session is past its idle end, but its tokens have not expired.
    let mut idle = api.sign_in("ada").await;
    api.set_session(&refresh_claims(&idle), api.now(), api.now())
        .await;
    assert_eq!(
        idle.post("/auth/logout?everywhere=true", "", "").await.outcome(),
        "204"
    );
    assert_eq!(since_then.get("/auth/me").await.outcome(), "200");
}
