//! Clients that close the connection before the response, as a reloaded page does. The gateway drops the request at any
//! point.

use gatecrumb_testkit::http::Browser;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::api::{Api, refresh_claims};

/// The number of consecutive rotations.
const ROUNDS: usize = 10;
/// The number of concurrent tabs that close their connection, and of those that do not.
const TABS: usize = 8;

/// Sends a refresh and closes the sending half of the connection. Returns when the gateway has closed the other half,
/// so that no part of the request is still running.
async fn disconnect_while_refreshing(address: String, cookies: String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /auth/refresh HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut ignored = Vec::new();
    stream.read_to_end(&mut ignored).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_tabs_sign_nobody_out() {
    // SAM runs a container for each request.
    let api = Api::here().await;
    let (user, mut browser) = api.signed_in("ada").await;
    let address = api.base.trim_start_matches("http://");
    for _ in 0..ROUNDS {
        api.age([&mut browser]);
        let before = refresh_claims(&browser);
        let cookies: Vec<String> = browser
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let closed: Vec<_> = (0..TABS)
            .map(|_| {
                tokio::spawn(disconnect_while_refreshing(
                    address.to_owned(),
                    cookies.join("; "),
                ))
            })
            .collect();
        let open: Vec<_> = (0..TABS)
            .map(|_| {
                let mut tab: Browser = browser.clone();
                tokio::spawn(async move { (tab.post("/auth/refresh", "", "").await.outcome(), tab) })
            })
            .collect();
        for tab in closed {
            tab.await.unwrap();
        }
        for tab in open {
            let (outcome, tab) = tab.await.unwrap();
            assert_eq!(outcome, "200");
            // The jar keeps the last response.
            browser = tab;
        }
        assert_eq!(refresh_claims(&browser).parent, before.jti);
        assert_eq!(browser.get("/auth/me").await.outcome(), "200");
    }
    assert!(api.session_exists(&user, &refresh_claims(&browser).sid).await);
}
