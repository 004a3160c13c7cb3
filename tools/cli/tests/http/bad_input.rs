//! Whatever is sent, the answer is the documented one and never a 500.

use serde_json::{Value, json};

use crate::api::{Api, PASSWORD, credentials};

const JSON: &str = "application/json";

#[tokio::test]
async fn a_body_that_is_not_what_login_takes() {
    let api = Api::start().await;
    let text = |value: Value| value.to_string().into_bytes();
    let deep = format!("{{\"username\":{}1{}}}", "[".repeat(3000), "]".repeat(3000));
    for (name, body) in [
        ("empty", Vec::new()),
        ("no JSON", b"username=ada&password=x".to_vec()),
        ("cut short", b"{\"username\": \"ada\"".to_vec()),
        (
            "two values",
            b"{\"username\":\"a\",\"password\":\"b\"} {}".to_vec(),
        ),
        ("null", b"null".to_vec()),
        ("array", text(json!(["ada", PASSWORD]))),
        ("text", text(json!("ada"))),
        ("no password", text(json!({ "username": "ada" }))),
        ("no username", text(json!({ "password": PASSWORD }))),
        (
            "extra field",
            text(json!({ "username": "ada", "password": PASSWORD, "admin": true })),
        ),
        (
            "number for a text",
            text(json!({ "username": 1, "password": PASSWORD })),
        ),
        (
            "null for a text",
            text(json!({ "username": "ada", "password": null })),
        ),
        (
            "array for a text",
            text(json!({ "username": "ada", "password": [PASSWORD] })),
        ),
        (
            "object for a text",
            text(json!({ "username": { "S": "ada" }, "password": PASSWORD })),
        ),
        (
            "doubled field",
            b"{\"username\":\"a\",\"username\":\"b\",\"password\":\"c\"}".to_vec(),
        ),
        ("deep nesting", deep.into_bytes()),
        (
            "invalid UTF-8",
            b"{\"username\":\"\xff\xfe\",\"password\":\"x\"}".to_vec(),
        ),
        (
            "lone surrogate",
            b"{\"username\":\"\\ud800\",\"password\":\"x\"}".to_vec(),
        ),
        (
            "byte order mark",
            b"\xef\xbb\xbf{\"username\":\"a\",\"password\":\"b\"}".to_vec(),
        ),
        ("NUL bytes", vec![0; 100]),
    ] {
        // SAM takes every body of this type for text, and fails itself where it is none.
        if api.emulated_by_sam() && std::str::from_utf8(&body).is_err() {
            continue;
        }
        let answer = api.browser().post("/auth/login", JSON, body).await;
        assert_eq!(answer.outcome(), "400 invalid_request", "{name}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .starts_with("The body is"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_body_of_another_type() {
    let api = Api::start().await;
    api.user("ada").await;
    let body = credentials("ada", PASSWORD).to_string();
    for content_type in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json5",
        "*/*",
        "json",
    ] {
        let answer = api
            .browser()
            .post("/auth/login", content_type, body.clone())
            .await;
        assert_eq!(answer.outcome(), "415 unsupported_media_type", "{content_type}");
    }
    for content_type in [
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json;",
    ] {
        let answer = api
            .browser()
            .post("/auth/login", content_type, body.clone())
            .await;
        assert_eq!(answer.outcome(), "200", "{content_type}");
    }
}

#[tokio::test]
async fn a_body_over_the_bound() {
    let api = Api::start().await;
    let of_size = |bytes: usize| {
        let empty = credentials("ada", "").to_string().len();
        credentials("ada", &"x".repeat(bytes - empty)).to_string()
    };
    for (bytes, outcome) in [
        (8192, "401 invalid_credentials"),
        (8193, "413 body_too_large"),
        (1 << 20, "413 body_too_large"),
    ] {
        let answer = api.browser().post("/auth/login", JSON, of_size(bytes)).await;
        assert_eq!(answer.outcome(), outcome, "{bytes}");
    }
    // SAM has the bound of Lambda's events only, and fails at it.
    if api.emulated_by_sam() {
        return;
    }
    let answer = api.browser().post("/auth/login", JSON, of_size(11 << 20)).await;
    assert_eq!(answer.outcome(), "413", "API Gateway's own bound");
}

#[tokio::test]
async fn passwords_of_any_characters_are_compared_and_not_cut() {
    let api = Api::start().await;
    let user = api.user("ada").await;
    for password in [
        "nul\0in the middle",
        " spaces around ",
        "\u{1f511}\u{1f512}\u{1f513}\u{202e}",
        &"long".repeat(500),
    ] {
        let change = crate::api::new_password(crate::api::phc(password).await);
        api.change(&user, change).await;
        let mut browser = api.browser();
        assert_eq!(
            browser
                .post_json("/auth/login", &credentials("ada", password))
                .await
                .outcome(),
            "200"
        );
        let longer = format!("{password}x");
        let wrong = browser
            .post_json("/auth/login", &credentials("ada", &longer))
            .await;
        assert_eq!(wrong.outcome(), "401 invalid_credentials");
        let cut: String = password.chars().take(password.chars().count() - 1).collect();
        let wrong = browser.post_json("/auth/login", &credentials("ada", &cut)).await;
        assert_eq!(wrong.outcome(), "401 invalid_credentials");
    }
}

#[tokio::test]
async fn odd_headers_cookies_and_queries_are_no_fault() {
    let api = Api::start().await;
    // SAM takes a body without a type for text, and fails itself where it is none.
    let body = if api.emulated_by_sam() {
        Vec::new()
    } else {
        b"\xff".to_vec()
    };
    for (name, value) in [
        (
            "cookie",
            b"\xff\xfe=\xfd; gatecrumb-access=\xc3\x28; =; ;;".as_slice(),
        ),
        ("cookie", b"gatecrumb-access"),
        ("cookie", b"gatecrumb-access=\"; gatecrumb-refresh=a b c"),
        ("x-amzn-trace-id", b"not a trace"),
        ("x-forwarded-proto", b"ht tp"),
        ("x-forwarded-for", b"\xe9"),
        ("host", b"exa mple"),
        ("user-agent", b"\x80\x81\x82"),
        ("content-length-hint", b"-1"),
    ] {
        let browser = api.browser().with_header(name, value);
        for path in ["/auth/me", "/auth/me?%", "/auth/me?a=%zz&b=%00", "/auth/me?'(){}"] {
            let status = browser.clone().get(path).await.status.as_u16();
            assert_eq!(status, 401, "{name} {value:?} {path}");
        }
        let mut browser = browser;
        assert_eq!(
            browser
                .post("/auth/logout?everywhere=%", "", body.clone())
                .await
                .outcome(),
            "204"
        );
    }
}
