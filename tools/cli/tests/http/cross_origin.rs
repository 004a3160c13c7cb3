//! Cross-site requests.

use gatecrumb_testkit::{
    fixtures::ORIGIN,
    http::{Browser, Response},
    logs,
};
use http::Method;

use crate::api::{Api, PASSWORD, credentials};

/// A browser's request with these values of `Sec-Fetch-Site` and `Origin`.
fn from(browser: &Browser, site: Option<&str>, origin: Option<&str>) -> Browser {
    let mut browser = browser.clone();
    if let Some(site) = site {
        browser = browser.with_header("sec-fetch-site", site);
    }
    if let Some(origin) = origin {
        browser = browser.with_header("origin", origin);
    }
    browser
}

async fn posts(browser: &Browser) -> [Response; 3] {
    // Without the jar: with it, the sign-in would end the session that the other requests need.
    let (mut login, mut refresh, mut logout) = (browser.with_empty_jar(), browser.clone(), browser.clone());
    [
        login
            .post_json("/auth/login", &credentials("ada", PASSWORD))
            .await,
        refresh.post("/auth/refresh", "", "").await,
        logout.post("/auth/logout", "", "").await,
    ]
}

#[tokio::test]
async fn what_no_foreign_page_can_send_passes() {
    let api = Api::start().await;
    api.user("ada").await;
    for (site, origin) in [
        (None, None),
        (None, Some(ORIGIN)),
        (Some("same-origin"), None),
        (Some("same-origin"), Some("https://the-api-itself.example")),
        (Some("none"), None),
        (Some("same-site"), Some(ORIGIN)),
    ] {
        let browser = api.sign_in("ada").await;
        for answer in posts(&from(&browser, site, origin)).await {
            assert!(answer.status.is_success(), "{site:?} {origin:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn what_a_foreign_page_would_send_is_refused_and_changes_nothing() {
    let api = Api::start().await;
    api.user("ada").await;
    let mut browser = api.sign_in("ada").await;
    for (site, origin) in [
        (None, Some("https://evil.example")),
        (None, Some("null")),
        (None, Some("")),
        (None, Some("https://app.example.com.evil.example")),
        (None, Some("https://APP.example.com")),
        (None, Some("http://app.example.com")),
        (Some("cross-site"), None),
        (Some("cross-site"), Some("https://evil.example")),
        (Some("same-site"), None),
        (Some("same-site"), Some("https://sibling.example.com")),
        (Some("unheard-of"), None),
        (Some("SAME-ORIGIN"), None),
    ] {
        for answer in posts(&from(&browser, site, origin)).await {
            assert_eq!(answer.outcome(), "403 cross_origin", "{site:?} {origin:?}");
            assert_eq!(answer.set_cookies().len(), 0);
        }
        assert_eq!(
            browser.get("/auth/me").await.outcome(),
            "200",
            "{site:?} {origin:?}"
        );
    }
}

#[tokio::test]
async fn a_sign_in_whose_cookies_the_browser_would_drop_names_the_fix() {
    let api = Api::start().await;
    api.user("ada").await;
    let browser = from(&api.browser(), Some("cross-site"), Some(ORIGIN));
    let [login, refresh, logout] = posts(&browser).await;
    assert_eq!(login.outcome(), "403 cross_site_cookies");
    assert!(
        login.json()["detail"]
            .as_str()
            .unwrap()
            .contains("COOKIE_SAMESITE=none")
    );
    assert_eq!(login.set_cookies().len(), 0);
    assert_eq!(
        (refresh.outcome().as_str(), logout.outcome().as_str()),
        ("401 not_logged_in", "204")
    );
}

#[tokio::test]
async fn with_same_site_none_another_site_can_sign_in() {
    let api = Api::with(&[("COOKIE_SAMESITE", "none"), ("COOKIE_INSECURE", "false")]).await;
    api.user("ada").await;
    let mut browser = from(&api.browser(), Some("cross-site"), Some(ORIGIN));
    assert_eq!(
        browser
            .post_json("/auth/login", &credentials("ada", PASSWORD))
            .await
            .outcome(),
        "200"
    );
    assert_eq!(browser.get("/auth/me").await.outcome(), "200");
}

#[tokio::test]
async fn the_log_says_how_to_allow_a_page() {
    let api = Api::here().await;
    let page = api.browser().with_header("origin", "http://localhost:5173");
    let mut preflight = page.clone().with_header("access-control-request-method", "POST");
    let answer = preflight
        .send(Method::OPTIONS, "/auth/login", "", Vec::new())
        .await;
    assert!(answer.header("access-control-allow-origin").is_none());
    let mut page = page.with_header("sec-fetch-site", "same-site");
    let answer = page.post_json("/auth/login", &credentials("ada", PASSWORD)).await;
    assert_eq!(answer.outcome(), "403 cross_origin");
    let log = logs::captured();
    for request in ["OPTIONS /auth/login", "POST /auth/login"] {
        let advice = format!(
            "{request}: the origin http://localhost:5173 is not allowed: restart with ALLOWED_ORIGINS="
        );
        assert!(log.contains(&advice), "{request}");
    }
}
