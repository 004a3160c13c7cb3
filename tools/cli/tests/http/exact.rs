//! Whole responses, byte for byte. On a [`TestHost`] nothing in them varies: Ed25519 signatures are deterministic
//! (RFC 8032), and time and identifiers are the host's.

use std::time::Duration;

use gatecrumb_testkit::{events, fixtures, function, host::TestHost, logs};
use serde_json::{Value, json};

/// The event of a stored case with these cookies.
fn with_cookies(case: &str, cookies: &[String]) -> Value {
    let mut event = events::named(case);
    event["cookies"] = json!(cookies);
    event
}

/// The cookies that a response sets, as a browser sends them.
fn set_by(response: &Value) -> Vec<String> {
    let lines = response["cookies"].as_array().unwrap().iter();
    let pairs = lines.map(|line| line.as_str().unwrap().split(';').next().unwrap().to_owned());
    pairs
        .inspect(|pair| logs::never_log(pair.split_once('=').unwrap().1))
        .collect()
}

fn lines(name: &str, response: &Value) -> String {
    let mut lines = format!("-- {name}: {}\n{}\n", response["statusCode"], response["headers"]);
    for cookie in response["cookies"].as_array().unwrap() {
        lines.push_str(cookie.as_str().unwrap());
        lines.push('\n');
    }
    match &response["body"] {
        Value::Null => lines,
        body => format!("{lines}{body}\n"),
    }
}

/// A session from its sign-in to its end.
async fn session() -> String {
    logs::capture();
    let (address, _) = fixtures::dynamodb().await;
    let env = function::environment(&format!("http://{address}"), &[]);
    let host = TestHost::at(fixtures::THEN);
    let login = login::start(env.clone(), host.host()).await.unwrap();
    let refresh = refresh::start(env.clone(), host.host()).await.unwrap();
    let me = me::start(env.clone(), host.host()).await.unwrap();
    let logout = logout::start(env, host.host()).await.unwrap();

    let signed_in = function::invoke(&login, &events::named("login/success")).await;
    // The access token has 5 s left; the refresh token is old enough to rotate.
    host.advance(Duration::from_secs(895));
    let event = with_cookies("refresh/success", &set_by(&signed_in));
    let refreshed = function::invoke(&refresh, &event).await;
    host.advance(Duration::from_secs(5));
    let cookies = set_by(&refreshed);
    let seen = function::invoke(&me, &with_cookies("me/success", &cookies)).await;
    let signed_out = function::invoke(&logout, &with_cookies("logout/success", &cookies)).await;
    [
        lines("login", &signed_in),
        lines("refresh", &refreshed),
        lines("me", &seen),
        lines("logout", &signed_out),
    ]
    .concat()
}

#[tokio::test]
async fn the_same_requests_get_the_same_bytes() {
    let responses = session().await;
    assert_eq!(session().await, responses);
    insta::assert_snapshot!(responses, @r#"
    -- login: 200
    {"cache-control":"no-store","content-type":"application/json","vary":"Origin, Sec-Fetch-Site","x-content-type-options":"nosniff","x-request-id":"fixture-login-success"}
    __Host-gatecrumb-access=eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6ImY3OHdZUmdYbFlnSnZZenNPN1JwVUllM3dRdTBpU2VrSkxQeERXWjgyRFUifQ.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJhdWQiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJzdWIiOiJsb2dpbiIsInNpZCI6IjRpQ29PWHNkemE5dWVKNXFvYmxsOUEiLCJpYXQiOjE3OTAwMDAwMDAsImV4cCI6MTc5MDAwMDkwMCwianRpIjoiR3ptSmFsR29kSnRUeTU4TWRINmk2ZyIsInJvbGVzIjpbInJlYWRlciJdLCJhdXRoX3RpbWUiOjE3OTAwMDAwMDAsImFtciI6WyJwd2QiXSwiYWNyIjoiYWFsMSJ9.aohSVg4zIEhT_griHoF0yckaujKTJZIq3o9RgTpidkXB6CY54BFtej5Z7pl4eq07TdM4VA0CTHSLvJBWRpzGAA; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=900
    __Host-gatecrumb-refresh=eyJ0eXAiOiJyZWZyZXNoK2p3dCIsImFsZyI6IkVkRFNBIiwia2lkIjoiZjc4d1lSZ1hsWWdKdll6c083UnBVSWUzd1F1MGlTZWtKTFB4RFdaODJEVSJ9.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJhdWQiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20jcmVmcmVzaCIsInN1YiI6ImxvZ2luIiwic2lkIjoiNGlDb09Yc2R6YTl1ZUo1cW9ibGw5QSIsImp0aSI6IkxJS2F2aDlGTXVIRmhCTTZ5UmFyUEEiLCJwYXJlbnQiOiJCc1JkR0lBSlJVXzRpN2lvY2t5QjdBIiwiaWF0IjoxNzkwMDAwMDAwLCJleHAiOjE3OTI1OTIwMDB9.Xe8Jd5JmR2lm9e6x5_IDpslseiIhQM4Xk29C8o_PUZMEdp2QrdovE9WrRM9jK0DrSARtjYlMnFUyHAR0RcbfBw; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000
    __Host-gatecrumb-hint=1; SameSite=Lax; Secure; Path=/; Max-Age=2592000
    __Host-gatecrumb-device=1.1790000000.PuV4kEHJisPzuEiMNoywpg.O3DT_JZY9ex8ybcx7JBo8w; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000
    {"expires_in":900,"user":{"email":"login@example.com","id":"login","name":"The user login","roles":["reader"],"username":"login"}}
    -- refresh: 200
    {"cache-control":"no-store","content-type":"application/json","vary":"Origin, Sec-Fetch-Site","x-content-type-options":"nosniff","x-request-id":"fixture-refresh-success"}
    __Host-gatecrumb-access=eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6ImY3OHdZUmdYbFlnSnZZenNPN1JwVUllM3dRdTBpU2VrSkxQeERXWjgyRFUifQ.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJhdWQiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJzdWIiOiJsb2dpbiIsInNpZCI6IjRpQ29PWHNkemE5dWVKNXFvYmxsOUEiLCJpYXQiOjE3OTAwMDA4OTUsImV4cCI6MTc5MDAwMTc5NSwianRpIjoiWlg3czNUeXhQUW5DMHliZ0JWdmU5ZyIsInJvbGVzIjpbInJlYWRlciJdLCJhdXRoX3RpbWUiOjE3OTAwMDAwMDAsImFtciI6WyJwd2QiXSwiYWNyIjoiYWFsMSJ9.FyLHpGVXoNwMTVHO38k0igeu6BXi6vKEQPNIwtqEE88VU6dY-_P7fQKoKBjXDDK5NfP469ejcUx5837uCGPWCw; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=900
    __Host-gatecrumb-refresh=eyJ0eXAiOiJyZWZyZXNoK2p3dCIsImFsZyI6IkVkRFNBIiwia2lkIjoiZjc4d1lSZ1hsWWdKdll6c083UnBVSWUzd1F1MGlTZWtKTFB4RFdaODJEVSJ9.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJhdWQiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20jcmVmcmVzaCIsInN1YiI6ImxvZ2luIiwic2lkIjoiNGlDb09Yc2R6YTl1ZUo1cW9ibGw5QSIsImp0aSI6ImhpR2dQLUM3MjN1T0gzVlZtRHFwTHciLCJwYXJlbnQiOiJMSUthdmg5Rk11SEZoQk02eVJhclBBIiwiaWF0IjoxNzkwMDAwODk1LCJleHAiOjE3OTI1OTI4OTV9.6NGtmS3kQXR7ua285X7seo1HW5CjaPxvzsuRv9nd_hbMPw7zT5Pz6rgEYUFKMVBJvrHwTOPw6f3lSrxLx_dWAQ; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000
    __Host-gatecrumb-hint=1; SameSite=Lax; Secure; Path=/; Max-Age=2592000
    {"expires_in":900}
    -- me: 200
    {"cache-control":"no-store","content-type":"application/json","vary":"Origin, Sec-Fetch-Site","x-content-type-options":"nosniff","x-request-id":"fixture-me-success"}
    {"session":{"acr":"aal1","amr":["pwd"],"auth_time":"2026-09-21T14:13:20Z","created_at":"2026-09-21T14:13:20Z","expires_at":"2026-10-21T14:28:15Z","id":"4iCoOXsdza9ueJ5qobll9A"},"user":{"email":"login@example.com","id":"login","name":"The user login","roles":["reader"],"username":"login"}}
    -- logout: 204
    {"cache-control":"no-store","vary":"Origin, Sec-Fetch-Site","x-content-type-options":"nosniff","x-request-id":"fixture-logout-success"}
    __Host-gatecrumb-access=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-access=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-hint=; SameSite=Lax; Secure; Path=/; Max-Age=0
    __Host-gatecrumb-hint=; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0
    "#);
}
