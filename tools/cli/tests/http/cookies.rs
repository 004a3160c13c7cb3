//! Every attribute of every cookie: complete `Set-Cookie` lines over HTTP.

use gatecrumb_testkit::http::Response;

use crate::api::{Api, PASSWORD, credentials};

fn lines(answer: &Response) -> String {
    let line = |line: String| {
        let (name, rest) = line.split_once('=').unwrap();
        let (value, attributes) = rest.split_once(';').unwrap();
        let value = match value {
            jwt if jwt.starts_with("eyJ") => "<jwt>",
            _ if name.ends_with("-device") => "<device>",
            other => other,
        };
        format!("{name}={value};{attributes}")
    };
    answer
        .set_cookies()
        .into_iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

async fn signed_in_and_out(changes: &[(&'static str, &str)]) -> String {
    let api = Api::with(changes).await;
    api.user("ada").await;
    let mut browser = api.browser();
    let login = browser
        .post_json("/auth/login", &credentials("ada", PASSWORD))
        .await;
    let refresh = browser.post("/auth/refresh", "", "").await;
    let logout = browser.post("/auth/logout", "", "").await;
    // Signing out keeps only the device cookie.
    let kept: Vec<&str> = browser.jar.keys().map(String::as_str).collect();
    assert!(
        matches!(kept[..], [device] if device.ends_with("-device")),
        "{kept:?}"
    );
    format!(
        "-- login\n{}\n-- refresh\n{}\n-- logout\n{}",
        lines(&login),
        lines(&refresh),
        lines(&logout)
    )
}

#[tokio::test]
async fn local_http() {
    insta::assert_snapshot!(signed_in_and_out(&[]).await, @r"
    -- login
    gatecrumb-access=<jwt>; HttpOnly; SameSite=Lax; Path=/; Max-Age=900
    gatecrumb-refresh=<jwt>; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000
    gatecrumb-hint=1; SameSite=Lax; Path=/; Max-Age=2592000
    gatecrumb-device=<device>; HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000
    -- refresh
    gatecrumb-access=<jwt>; HttpOnly; SameSite=Lax; Path=/; Max-Age=900
    -- logout
    gatecrumb-access=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0
    gatecrumb-refresh=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0
    gatecrumb-hint=; SameSite=Lax; Path=/; Max-Age=0
    ");
}

#[tokio::test]
async fn https() {
    insta::assert_snapshot!(signed_in_and_out(&[("COOKIE_INSECURE", "false")]).await, @r"
    -- login
    __Host-gatecrumb-access=<jwt>; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=900
    __Host-gatecrumb-refresh=<jwt>; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000
    __Host-gatecrumb-hint=1; SameSite=Lax; Secure; Path=/; Max-Age=2592000
    __Host-gatecrumb-device=<device>; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000
    -- refresh
    __Host-gatecrumb-access=<jwt>; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=900
    -- logout
    __Host-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    ");
}

#[tokio::test]
async fn same_site_none() {
    let changes = [("COOKIE_INSECURE", "false"), ("COOKIE_SAMESITE", "none")];
    insta::assert_snapshot!(signed_in_and_out(&changes).await, @r"
    -- login
    __Host-gatecrumb-access=<jwt>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=900
    __Host-gatecrumb-refresh=<jwt>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=2592000
    __Host-gatecrumb-hint=1; SameSite=None; Partitioned; Secure; Path=/; Max-Age=2592000
    __Host-gatecrumb-device=<device>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=34560000
    -- refresh
    __Host-gatecrumb-access=<jwt>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=900
    -- logout
    __Host-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Max-Age=0
    ");
}

#[tokio::test]
async fn with_a_domain() {
    let changes = [
        ("COOKIE_INSECURE", "false"),
        ("COOKIE_DOMAIN", "example.com"),
        ("ACCESS_TTL_SECONDS", "600"),
        ("SESSION_IDLE_SECONDS", "86400"),
        ("SESSION_MAX_SECONDS", "100000"),
    ];
    insta::assert_snapshot!(signed_in_and_out(&changes).await, @r"
    -- login
    __Secure-gatecrumb-access=<jwt>; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=600
    __Secure-gatecrumb-refresh=<jwt>; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=86400
    __Secure-gatecrumb-hint=1; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=86400
    __Secure-gatecrumb-device=<device>; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=34560000
    -- refresh
    __Secure-gatecrumb-access=<jwt>; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=600
    -- logout
    __Secure-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
    __Secure-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
    __Host-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Secure-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
    __Secure-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
    __Host-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Secure-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0
    __Secure-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Domain=example.com; Max-Age=0
    __Host-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    ");
}
