use gatecrumb_admin::{Admin as _, Change};
use serde_json::json;

use crate::api::{
    ACCESS, Api, DEVICE, HINT, PASSWORD, REFRESH, access_claims, credentials, put, refresh_claims, roles,
};

#[tokio::test]
async fn the_right_password_opens_a_session() {
    let api = Api::start().await;
    let user = api.user("ada").await;
    let mut browser = api.browser().with_header("user-agent", "a browser");
    let answer = browser
        .post_json("/auth/login", &credentials("ada", PASSWORD))
        .await;
    assert_eq!(answer.outcome(), "200");
    let expected = json!({
        "user": {
            "id": user.as_str(), "username": "ada", "email": "ada@example.com", "name": "ADA",
            "roles": ["editor", "reader"],
        },
        "expires_in": 900,
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(
        browser.jar.keys().collect::<Vec<_>>(),
        [ACCESS, DEVICE, HINT, REFRESH]
    );
    assert_eq!(access_claims(&browser).roles, roles(&["editor", "reader"]));
    let sessions = api.store.sessions(&user).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].user_agent.as_deref(), Some("a browser"));
    assert_eq!(sessions[0].ip.as_deref(), Some("127.0.0.1"));
    assert_eq!(browser.get("/auth/me").await.outcome(), "200");
}

#[tokio::test]
async fn every_answer_has_the_common_headers_and_no_token_in_its_body() {
    let api = Api::start().await;
    api.user("ada").await;
    let mut browser = api.browser();
    for (body, content_type) in [
        (credentials("ada", PASSWORD), "application/json"),
        (credentials("ada", "wrong"), "application/problem+json"),
    ] {
        let answer = browser.post_json("/auth/login", &body).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("vary"), Some("Origin, Sec-Fetch-Site"));
        assert_eq!(answer.header("content-type"), Some(content_type));
        assert!(answer.header("x-request-id").is_some_and(|id| id.len() >= 16));
        let body = String::from_utf8(answer.body).unwrap();
        assert!(!body.contains("eyJ"), "{body}");
    }
}

#[tokio::test]
async fn an_unknown_user_a_wrong_password_and_an_impossible_name_get_one_answer() {
    let api = Api::start().await;
    api.user("ada").await;
    let long = "x".repeat(300);
    let mut bodies = Vec::new();
    for (username, password) in [
        ("ada", "wrong"),
        ("nobody", PASSWORD),
        ("no body", PASSWORD),
        ("", ""),
        ("a\0da", PASSWORD),
        (&long, ""),
    ] {
        let answer = api
            .browser()
            .post_json("/auth/login", &credentials(username, password))
            .await;
        assert_eq!(answer.outcome(), "401 invalid_credentials");
        assert_eq!(answer.set_cookies().len(), 0);
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn a_disabled_account_is_told_to_whoever_has_the_password_only() {
    let api = Api::start().await;
    let user = api.user("ada").await;
    api.change(&user, Change::Disable).await;
    let mut browser = api.browser();
    let right = browser
        .post_json("/auth/login", &credentials("ada", PASSWORD))
        .await;
    assert_eq!(right.outcome(), "403 account_disabled");
    assert_eq!(right.set_cookies().len(), 0);
    let wrong = browser
        .post_json("/auth/login", &credentials("ada", "wrong"))
        .await;
    assert_eq!(wrong.outcome(), "401 invalid_credentials");
    api.change(&user, Change::Enable).await;
    assert_eq!(
        browser
            .post_json("/auth/login", &credentials("ada", PASSWORD))
            .await
            .outcome(),
        "200"
    );
}

#[tokio::test]
async fn any_spelling_of_name_and_password_will_do() {
    let api = Api::start().await;
    let user = api.user("andré").await;
    api.change(
        &user,
        crate::api::new_password(crate::api::phc("caf\u{e9} au lait").await),
    )
    .await;
    let answer = api
        .browser()
        .post_json("/auth/login", &credentials("ANDRE\u{301}", "cafe\u{301} au lait"))
        .await;
    assert_eq!(answer.outcome(), "200");
}

#[tokio::test]
async fn the_session_that_the_browser_had_is_ended() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let before = refresh_claims(&browser);
    let other = api.sign_in("ada").await;
    assert_eq!(
        browser
            .post_json("/auth/login", &credentials("ada", PASSWORD))
            .await
            .outcome(),
        "200"
    );
    assert!(!api.session_exists(&user, &before.sid).await);
    assert!(
        api.session_exists(&user, &refresh_claims(&other).sid).await,
        "not those of other browsers"
    );
    assert_eq!(browser.get("/auth/me").await.outcome(), "200");
}

#[tokio::test]
async fn stale_and_broken_cookies_never_block_a_sign_in() {
    let api = Api::start().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let before = refresh_claims(&browser);
    api.expire_refresh(&mut browser);
    put(&mut browser, ACCESS, "broken");
    assert_eq!(
        browser
            .post_json("/auth/login", &credentials("ada", PASSWORD))
            .await
            .outcome(),
        "200"
    );
    assert!(
        api.session_exists(&user, &before.sid).await,
        "an expired token ends nothing at sign-in"
    );
}

#[tokio::test]
async fn a_hash_of_another_cost_is_replaced_at_sign_in() {
    let api = Api::start().await;
    let user = api.user("ada").await;
    let old = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    api.change(&user, crate::api::new_password(old.to_owned().into()))
        .await;
    for _ in 0..2 {
        let answer = api
            .browser()
            .post_json("/auth/login", &credentials("ada", "password"))
            .await;
        assert_eq!(answer.outcome(), "200");
    }
    let stored = api.store.credentials(&user).await.unwrap().unwrap().password_hash;
    let today = if api.emulated_by_sam() {
        "m=19456,t=2,p=1"
    } else {
        "m=7168,t=1,p=1"
    };
    assert!(stored.expose().starts_with(&format!("$argon2id$v=19${today}$")));
}

#[tokio::test]
async fn no_token_outlives_its_session() {
    let api = Api::with(&[
        ("SESSION_IDLE_SECONDS", "60"),
        ("ACCESS_TTL_SECONDS", "60"),
        ("SESSION_MAX_SECONDS", "60"),
    ])
    .await;
    let (_, browser) = api.signed_in("ada").await;
    let (access, refresh) = (access_claims(&browser), refresh_claims(&browser));
    assert_eq!(access.exp, refresh.exp);
    assert_eq!(access.exp.0, access.iat.0 + 60);
}

/// A space that phones append, a no-break space (Option and space), and a decomposed é.
#[tokio::test]
async fn the_blanks_of_real_keyboards_sign_in() {
    let api = Api::here().await;
    api.user("ada").await;
    let spaced = PASSWORD.replace(' ', "\u{a0}");
    let wide = PASSWORD.replace(' ', "\u{3000}");
    for (name, password, status) in [
        ("ada ", PASSWORD, 200),
        (" Ada\u{a0}\t\n", PASSWORD, 200),
        ("\u{3000}ada\u{2003}", PASSWORD, 200),
        ("ada", spaced.as_str(), 200),
        ("ada", wide.as_str(), 200),
        ("a da", PASSWORD, 401),
        ("ada", &format!("{PASSWORD} "), 401),
        ("ada", &format!("\u{a0}{PASSWORD}"), 401),
    ] {
        let answer = api
            .browser()
            .post_json("/auth/login", &credentials(name, password))
            .await;
        assert_eq!(
            answer.status,
            status,
            "{name:?} {password:?}: {}",
            answer.outcome()
        );
    }
}

/// White space around a username does not lead to another counter.
#[tokio::test]
async fn blanks_around_a_name_share_its_counter() {
    let api = Api::here().await;
    api.user("ada").await;
    for known in ["ada", "a b"] {
        let mut answers = Vec::new();
        for blanks in ["", " ", "\u{a0}", "\t", "  ", "\u{3000}", "\n", "\r"] {
            let name = format!("{blanks}{known}{blanks}");
            let answer = api
                .browser()
                .post_json("/auth/login", &credentials(&name, "wrong"))
                .await;
            answers.push(answer.outcome());
        }
        assert_eq!(
            answers.last().unwrap(),
            "429 too_many_attempts",
            "{known}: {answers:?}"
        );
    }
}
