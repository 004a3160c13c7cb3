//! What API Gateway does before and after the functions.

use axum::http::Method;
use gatecrumb_testkit::{fixtures::ORIGIN, http::Browser};

use crate::api::{Api, PASSWORD, credentials};

#[tokio::test]
async fn a_route_or_method_that_does_not_exist_is_not_found() {
    let api = Api::start().await;
    for (method, path) in [
        (Method::GET, "/auth/login"),
        (Method::PUT, "/auth/login"),
        (Method::POST, "/auth/me"),
        (Method::HEAD, "/auth/me"),
        (Method::DELETE, "/auth/logout"),
        (Method::GET, "/auth/refresh"),
        (Method::OPTIONS, "/auth/login"),
        (Method::GET, "/auth/me/"),
        (Method::GET, "/AUTH/ME"),
        (Method::GET, "//auth/me"),
        (Method::GET, "/auth/%6de"),
        (Method::GET, "/favicon.ico"),
        (Method::POST, "/"),
    ] {
        let answer = api.browser().send(method.clone(), path, "", Vec::new()).await;
        // SAM responds like a REST API, and responds to HEAD and OPTIONS itself.
        if api.emulated_by_sam() {
            assert!(!answer.status.is_success() || matches!(method, Method::HEAD | Method::OPTIONS));
            continue;
        }
        assert_eq!(answer.status.as_u16(), 404, "{method} {path}");
        if method != Method::HEAD {
            assert_eq!(answer.body, b"{\"message\":\"Not Found\"}", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_preflight_of_an_allowed_origin_is_permitted_and_of_another_is_not() {
    let api = Api::start().await;
    let preflight = async |origin: &str, path: &str| {
        let mut browser = api
            .browser()
            .with_header("origin", origin)
            .with_header("access-control-request-method", "POST")
            .with_header("access-control-request-headers", "content-type");
        browser.send(Method::OPTIONS, path, "", Vec::new()).await
    };
    let allowed = preflight(ORIGIN, "/auth/login").await;
    // SAM sends 200 where API Gateway sends 204; browsers accept both.
    let status = if api.emulated_by_sam() { 200 } else { 204 };
    assert_eq!(allowed.status.as_u16(), status);
    for (name, value) in [
        ("access-control-allow-origin", ORIGIN),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET,OPTIONS,POST"),
        ("access-control-allow-headers", "content-type"),
        ("access-control-max-age", "600"),
    ] {
        assert_eq!(allowed.header(name), Some(value));
    }
    let foreign = preflight("https://evil.example", "/auth/login").await;
    assert_eq!(foreign.status.as_u16(), status);
    assert!(
        foreign
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control"))
    );
}

#[tokio::test]
async fn answers_to_an_allowed_origin_can_be_read_by_its_pages() {
    let api = Api::start().await;
    api.user("ada").await;
    for (origin, allowed) in [(ORIGIN, true), ("https://evil.example", false), ("null", false)] {
        let mut browser = api.browser().with_header("origin", origin);
        let mut answers = vec![
            browser.get("/auth/me").await,
            browser
                .post_json("/auth/login", &credentials("ada", PASSWORD))
                .await,
        ];
        // SAM sends no CORS headers if there is no route.
        if !api.emulated_by_sam() {
            answers.push(browser.get("/nowhere").await);
        }
        for answer in answers {
            assert_eq!(
                answer.header("access-control-allow-origin"),
                allowed.then_some(origin)
            );
            assert_eq!(
                answer.header("access-control-allow-credentials"),
                allowed.then_some("true")
            );
            // SAM omits ExposeHeaders.
            let exposed = (allowed && !api.emulated_by_sam()).then_some("retry-after,x-request-id");
            assert_eq!(answer.header("access-control-expose-headers"), exposed);
        }
    }
}

#[tokio::test]
async fn the_page_is_self_contained_and_says_so_to_the_browser() {
    let api = Api::here().await;
    let (one, other) = (api.browser().get("/").await, api.browser().get("/").await);
    assert_eq!(one.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = one.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'nonce-"));
    assert_ne!(
        policy,
        other.header("content-security-policy").unwrap(),
        "a nonce is used once"
    );
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap();
    let page = String::from_utf8(one.body.clone()).unwrap();
    assert!(
        page.contains(&format!("<script nonce=\"{nonce}\""))
            && page.contains(&format!("<style nonce=\"{nonce}\""))
    );
    assert!(!page.contains("{{"), "a placeholder is left");
    let head = api.browser().send(Method::HEAD, "/", "", Vec::new()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), one.header("content-type"));
    for foreign in ["src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[tokio::test]
async fn the_dynamodb_port_answers_programs_and_no_page() {
    let api = Api::start().await;
    let ask = |browser: Browser| async move {
        let mut browser = browser.with_header("x-amz-target", "DynamoDB_20120810.ListTables");
        browser.post("/", "application/x-amz-json-1.0", "{}").await
    };
    let program = ask(Browser::new(&api.dynamodb)).await;
    assert_eq!(program.json()["TableNames"][0], "gatecrumb");
    for (name, value) in [
        ("origin", "http://localhost:3000"),
        ("origin", "null"),
        ("host", "evil.example:8000"),
    ] {
        let page = ask(Browser::new(&api.dynamodb).with_header(name, value)).await;
        assert_eq!(page.status.as_u16(), 403, "{name}: {value}");
        assert!(page.header("access-control-allow-origin").is_none());
        assert!(page.json().get("TableNames").is_none());
    }
}
