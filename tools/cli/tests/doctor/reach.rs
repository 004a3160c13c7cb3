//! What `doctor` says about a URL that does not lead to gatecrumb.

use super::{
    checks,
    deployment::{Serve, tls},
    doctor,
};

/// A server that closes each connection after these bytes.
async fn raw_server(bytes: &'static [u8]) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, bytes).await;
        }
    });
    address
}

#[tokio::test]
async fn a_url_that_cannot_be_reached_says_why_and_what_to_use() {
    let serve = Serve::start(&[]);
    let plain = serve.address.port();
    let (port, certificate) = tls(serve.address).await;
    let roots = std::env::temp_dir().join(format!("gatecrumb-reach-{}.pem", std::process::id()));
    std::fs::write(&roots, certificate).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // As many proxies respond to plain http on their https port.
    let other = raw_server(b"SSH-2.0-example\r\n").await.port();
    let redirect = raw_server(
        b"HTTP/1.1 301 Moved\r\nLocation: https://localhost/api/auth/me\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let redirect = redirect.port();
    let long_label = "a".repeat(64);
    for (url, trusted, found, help) in [
        (
            format!("https://localhost:{plain}"),
            true,
            format!("the server at localhost, port {plain} speaks plain http, not https"),
            format!("use http://localhost:{plain} in --url"),
        ),
        (
            format!("http://localhost:{port}/"),
            true,
            "the server speaks https, not plain http".to_owned(),
            format!("use https://localhost:{port} in --url"),
        ),
        // It is https too if this machine does not trust the certificate.
        (
            format!("http://localhost:{port}"),
            false,
            "the server speaks https, not plain http".to_owned(),
            format!("use https://localhost:{port} in --url"),
        ),
        (
            format!("https://localhost:{port}"),
            false,
            "the certificate of localhost is signed by no authority that this machine trusts".to_owned(),
            "SSL_CERT_FILE".to_owned(),
        ),
        (
            format!("https://127.0.0.1:{port}"),
            true,
            "the certificate is not for 127.0.0.1".to_owned(),
            "use the name of the certificate in --url".to_owned(),
        ),
        (
            format!("http://localhost:{free}"),
            false,
            format!("no program listens on localhost, port {free}"),
            "start `gatecrumb serve`".to_owned(),
        ),
        (
            format!("https://127.0.0.1:{free}"),
            false,
            format!("no program listens on 127.0.0.1, port {free}"),
            "check the port in --url".to_owned(),
        ),
        (
            format!("http://127.0.0.1:{other}"),
            false,
            "the server does not respond in http".to_owned(),
            "check the port in --url".to_owned(),
        ),
        (
            format!("http://127.0.0.1:{redirect}"),
            false,
            "the server redirects to https".to_owned(),
            "use https://localhost/api in --url".to_owned(),
        ),
        // A label has at most 63 characters: no name server receives it.
        (
            format!("http://{long_label}.invalid"),
            false,
            format!("the host name {long_label}.invalid cannot be resolved"),
            "check the spelling of --url".to_owned(),
        ),
    ] {
        let output = doctor(url.clone(), &["--json"], trusted.then(|| roots.clone())).await;
        assert_eq!(output.status.code(), Some(1), "{url}");
        let checks = checks(&output);
        assert_eq!(checks.len(), 1, "{url}: {checks:?}");
        let text = |member: &str| checks[0][member].as_str().unwrap().to_owned();
        assert_eq!(
            (text("check"), text("outcome")),
            ("reachable".to_owned(), "fail".to_owned())
        );
        assert!(text("found").starts_with(&found), "{url}: {checks:?}");
        assert!(text("help").contains(&help), "{url}: {checks:?}");
    }
    std::fs::remove_file(&roots).unwrap();
    // Lines for people have the fix below.
    let output = doctor(format!("http://127.0.0.1:{free}"), &[], None).await;
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(
        report.starts_with("FAIL  reachable  no program listens on "),
        "{report}"
    );
    assert!(report.contains("\n      → check the port"), "{report}");
}
