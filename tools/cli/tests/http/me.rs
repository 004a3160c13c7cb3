use std::time::Duration;

use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_domain::{AccessClaims, Timestamp, Username};
use gatecrumb_testkit::fixtures;
use serde_json::json;

use crate::api::{ACCESS, Api, HINT, REFRESH, access_claims, put, refresh_claims, roles};

#[tokio::test]
async fn a_signed_in_visitor_sees_user_and_session() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let claims = access_claims(&browser);
    let answer = browser.get("/auth/me").await;
    let expected = json!({
        "user": {
            "id": user.as_str(), "username": "ada", "email": "ada@example.com", "name": "ADA",
            "roles": ["editor", "reader"],
        },
        "session": {
            "id": claims.sid.as_str(),
            "created_at": claims.iat.rfc3339(),
            "expires_at": (claims.iat + Duration::from_secs(2_592_000)).rfc3339(),
            "auth_time": claims.iat.rfc3339(), "amr": ["pwd"], "acr": "aal1",
        },
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.set_cookies().len(), 0);
}

#[tokio::test]
async fn each_state_of_the_cookies_has_its_code() {
    let api = Api::start().await;
    let (_, browser) = api.signed_in("ada").await;
    let good = browser.jar.clone();
    let mut expired = browser.clone();
    api.expire_access(&mut expired);
    let (expired, good_access) = (expired.jar[ACCESS].clone(), good[ACCESS].clone());
    let other_keys = gatecrumb_tokens::SigningKeys::from_seed([9; 32]);
    let kid = other_keys.kids().next().unwrap().to_owned();
    let stranger =
        gatecrumb_tokens::Signer::new(&other_keys, &kid, fixtures::ISSUER, fixtures::ISSUER).unwrap();
    let unknown_key = stranger
        .access(&access_claims(&browser))
        .unwrap()
        .expose()
        .to_owned();
    let refresh = good[REFRESH].clone();
    for (access, refresh, hint, outcome) in [
        (None, None, None, "401 not_logged_in"),
        (None, Some(&refresh), None, "401 access_expired"),
        (None, None, Some("1"), "401 access_expired"),
        (Some(&expired), Some(&refresh), None, "401 access_expired"),
        (Some(&expired), None, None, "401 access_expired"),
        (
            Some(&"broken".to_owned()),
            Some(&refresh),
            None,
            "401 access_expired",
        ),
        (Some(&"broken".to_owned()), None, Some("1"), "401 access_expired"),
        (Some(&unknown_key), Some(&refresh), None, "401 access_expired"),
        (Some(&unknown_key), None, None, "401 token_invalid"),
        (Some(&"broken".to_owned()), None, None, "401 token_invalid"),
        // A refresh token is not accepted as an access token.
        (Some(&refresh), None, None, "401 token_invalid"),
        (Some(&good_access), None, None, "200"),
    ] {
        let mut browser = api.browser();
        for (name, value) in [
            (ACCESS, access.map(String::as_str)),
            (REFRESH, refresh.map(String::as_str)),
            (HINT, hint),
        ] {
            if let Some(value) = value {
                put(&mut browser, name, value);
            }
        }
        let answer = browser.get("/auth/me").await;
        assert_eq!(answer.outcome(), outcome);
        assert_eq!(answer.set_cookies().len(), 0, "me touches no cookie");
    }
}

#[tokio::test]
async fn a_disabled_account_shows_at_once() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    api.change(&user, Change::Disable).await;
    assert_eq!(browser.get("/auth/me").await.outcome(), "403 account_disabled");
    api.change(&user, Change::Enable).await;
    assert_eq!(
        browser.get("/auth/me").await.outcome(),
        "401 session_ended",
        "and the session stays over"
    );
}

#[tokio::test]
async fn a_session_that_is_over_shows_at_once() {
    let api = Api::start().await;
    let user = api.user("ada").await;

    let mut revoked = api.sign_in("ada").await;
    api.store
        .end_session(&user, &access_claims(&revoked).sid)
        .await
        .unwrap();
    assert_eq!(revoked.get("/auth/me").await.outcome(), "401 session_ended");

    let mut idle = api.sign_in("ada").await;
    api.set_session(&refresh_claims(&idle), api.now(), Timestamp(u64::MAX / 2))
        .await;
    assert_eq!(idle.get("/auth/me").await.outcome(), "401 session_ended");

    let mut over = api.sign_in("ada").await;
    api.set_session(&refresh_claims(&over), Timestamp(u64::MAX / 2), api.now())
        .await;
    assert_eq!(over.get("/auth/me").await.outcome(), "401 session_ended");

    let mut new_password = api.sign_in("ada").await;
    api.change(
        &user,
        crate::api::new_password(crate::api::phc("another password").await),
    )
    .await;
    assert_eq!(new_password.get("/auth/me").await.outcome(), "401 session_ended");
}

#[tokio::test]
async fn a_deleted_user_is_signed_out() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    assert!(
        api.store
            .delete_user(&user, &Username::parse("ada").unwrap())
            .await
            .unwrap()
    );
    assert_eq!(browser.get("/auth/me").await.outcome(), "401 session_ended");
    assert_eq!(
        browser.post("/auth/refresh", "", "").await.outcome(),
        "401 session_ended"
    );
}

#[tokio::test]
async fn the_emergency_brake_ends_what_is_older() {
    let later = (gatecrumb_runtime::now().0 + 60).to_string();
    let api = Api::with(&[("SESSIONS_NOT_BEFORE", &later)]).await;
    let (_, mut browser) = api.signed_in("ada").await;
    assert_eq!(browser.get("/auth/me").await.outcome(), "401 session_ended");
    assert_eq!(
        browser.post("/auth/refresh", "", "").await.outcome(),
        "401 session_ended"
    );
}

#[tokio::test]
async fn the_user_is_what_the_table_says_now() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let (old, new) = (Username::parse("ada").unwrap(), Username::parse("ada.l").unwrap());
    api.store.rename_user(&user, &old, &new, api.now()).await.unwrap();
    api.change(&user, Change::Roles(roles(&["admin"]))).await;
    let me = browser.get("/auth/me").await.json();
    assert_eq!(me["user"]["username"], "ada.l");
    assert_eq!(me["user"]["roles"], json!(["admin"]));
}

#[tokio::test]
async fn of_several_access_cookies_the_newest_that_verifies_counts() {
    // SAM forwards one cookie of each name, API Gateway all of them.
    let api = Api::here().await;
    let (_, mut browser) = api.signed_in("ada").await;
    let claims = access_claims(&browser);
    let older = AccessClaims {
        iat: claims.iat - Duration::from_secs(60),
        sid: "another".parse().unwrap(),
        ..claims
    };
    let older = fixtures::signer().access(&older).unwrap().expose().to_owned();
    let good = browser.jar[ACCESS].clone();
    // A jar keeps one value for each name; a Cookie header can have several.
    let several = format!("broken; {ACCESS}={older}; {ACCESS}={good}; {ACCESS}=");
    put(&mut browser, ACCESS, &several);
    assert_eq!(browser.get("/auth/me").await.outcome(), "200");
}
