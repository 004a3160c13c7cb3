//! `gatecrumb doctor` on a healthy deployment, and on deployments behind a misconfigured proxy.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test panics when it fails"
)]

mod deployment;
mod reach;

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use axum::http::{HeaderValue, StatusCode};
use axum::{body::Body, response::Response};
use serde_json::Value;

use deployment::{Misconfiguration, NONE, Serve, proxy, tls};

const PASSWORD: &str = "correct horse battery staple";
const PAGES_ORIGIN: &str = "https://app.example.com";

async fn doctor(
    url: String,
    arguments: &'static [&'static str],
    roots: Option<std::path::PathBuf>,
) -> Output {
    let work = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
        command
            .args(["doctor", "--url", &url])
            .args(arguments)
            .env_clear();
        if let Some(roots) = roots {
            command.env("SSL_CERT_FILE", roots);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(PASSWORD.as_bytes());
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

const SIGNING_IN: &[&str] = &[
    "--origin",
    PAGES_ORIGIN,
    "--username",
    "demo",
    "--password-stdin",
    "--json",
];

fn checks(output: &Output) -> Vec<Value> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    report["checks"].as_array().unwrap().clone()
}

/// The names of the checks with this outcome.
fn with(outcome: &str, output: &Output) -> Vec<String> {
    let checks = checks(output)
        .into_iter()
        .filter(|check| check["outcome"] == outcome);
    checks
        .map(|check| check["check"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_healthy_deployment_passes_every_check_over_https() {
    let serve = Serve::start(&[("COOKIE_INSECURE", "false"), ("ALLOWED_ORIGINS", PAGES_ORIGIN)]);
    let (port, certificate) = tls(serve.address).await;
    let roots = std::env::temp_dir().join(format!("gatecrumb-doctor-{}.pem", std::process::id()));
    std::fs::write(&roots, certificate).unwrap();
    let url = format!("https://localhost:{port}/");
    let output = doctor(url.clone(), SIGNING_IN, Some(roots.clone())).await;
    std::fs::remove_file(&roots).unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        with("pass", &output),
        [
            "reachable",
            "https",
            "response headers",
            "clock",
            "cookies",
            "cross-site requests",
            &format!("origin {PAGES_ORIGIN}"),
            "other origins",
            "client addresses",
            "sign-in",
            "sign-in response headers",
            "sign-in cookies",
            "me",
            "functions' clock",
            "refresh",
            "sign-out",
        ]
    );
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(!report.contains("eyJ") && !report.contains(PASSWORD));

    // Without SSL_CERT_FILE, the certificate is not trusted.
    let output = doctor(url, SIGNING_IN, None).await;
    assert!(!output.status.success());
    assert_eq!(with("fail", &output), ["reachable"]);
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[tokio::test]
async fn each_failed_check_says_how_to_fix_it() {
    let serve = Serve::start(&[("ALLOWED_ORIGINS", PAGES_ORIGIN)]);
    let page = format!("origin {PAGES_ORIGIN}");
    let cases: [(&str, Misconfiguration, &[&str]); 9] = [
        ("no misconfiguration", NONE, &[]),
        (
            "a cache that sets its own lifetime",
            Misconfiguration {
                response: |response| {
                    let lifetime = HeaderValue::from_static("public, max-age=60");
                    response.headers_mut().insert("cache-control", lifetime);
                },
                ..NONE
            },
            &["response headers", "sign-in response headers"],
        ),
        (
            "cookies removed from responses",
            Misconfiguration {
                response: |response| drop(response.headers_mut().remove("set-cookie")),
                ..NONE
            },
            &["cookies", "sign-in cookies", "me", "refresh", "sign-out"],
        ),
        (
            "cookies that scripts can read",
            Misconfiguration {
                response: |response| {
                    let lines: Vec<_> = response.headers().get_all("set-cookie").iter().cloned().collect();
                    response.headers_mut().remove("set-cookie");
                    for line in lines {
                        let line = line.to_str().unwrap().replace("HttpOnly; ", "");
                        response.headers_mut().append("set-cookie", line.parse().unwrap());
                    }
                },
                ..NONE
            },
            &["cookies", "sign-in cookies"],
        ),
        (
            "CORS for everybody",
            Misconfiguration {
                response: |response| {
                    let all = HeaderValue::from_static("*");
                    response.headers_mut().insert("access-control-allow-origin", all);
                },
                ..NONE
            },
            &[&page, "other origins"],
        ),
        (
            "Origin and Sec-Fetch-Site removed from requests",
            Misconfiguration {
                request: |headers| {
                    headers.remove("origin");
                    headers.remove("sec-fetch-site");
                },
                ..NONE
            },
            &["cross-site requests", &page],
        ),
        (
            "a clock that is wrong",
            Misconfiguration {
                response: |response| {
                    let date = HeaderValue::from_static("Mon, 01 Jan 2024 00:00:00 GMT");
                    response.headers_mut().insert("date", date);
                },
                ..NONE
            },
            &["clock"],
        ),
        (
            "pages instead of the API",
            Misconfiguration {
                response: |response| *response = Response::new(Body::from("<!doctype html>")),
                ..NONE
            },
            &["reachable"],
        ),
        (
            "a path that is not mapped",
            Misconfiguration {
                response: |response| {
                    *response = Response::new(Body::from("{\"message\":\"Not Found\"}"));
                    *response.status_mut() = StatusCode::NOT_FOUND;
                },
                ..NONE
            },
            &["reachable"],
        ),
    ];
    for (what, misconfiguration, expected) in cases {
        let address = proxy(serve.address, misconfiguration).await;
        let output = doctor(format!("http://{address}"), SIGNING_IN, None).await;
        assert_eq!(with("fail", &output), expected, "{what}: {output:?}");
        assert_eq!(output.status.success(), expected.is_empty(), "{what}");
        for check in checks(&output) {
            assert_eq!(
                check["outcome"] != "pass",
                check["help"].is_string(),
                "{what}: {check}"
            );
        }
    }
}

#[tokio::test]
async fn an_origin_that_is_not_allowed_and_a_proxy_are_reported() {
    let serve = Serve::start(&[("ALLOWED_ORIGINS", "https://other.example.com")]);
    let misconfiguration = Misconfiguration {
        response: |response| {
            response
                .headers_mut()
                .insert("via", HeaderValue::from_static("1.1 edge"));
        },
        ..NONE
    };
    let address = proxy(serve.address, misconfiguration).await;
    let output = doctor(
        format!("http://{address}"),
        &["--origin", PAGES_ORIGIN, "--json"],
        None,
    )
    .await;
    assert_eq!(with("fail", &output), [format!("origin {PAGES_ORIGIN}")]);
    assert_eq!(with("note", &output), ["https", "client addresses"]);
}

#[tokio::test]
async fn an_error_says_what_is_wrong() {
    for (url, arguments, message) in [
        (
            "nonsense",
            &[][..],
            "--url nonsense is not a URL: use one such as https://auth.example.com",
        ),
        ("ftp://example.com", &[], "is not a URL: use one such as"),
        (
            "localhost:3000",
            &[],
            "--url localhost:3000 is not a URL: use http://localhost:3000",
        ),
        (
            "http://localhost:3000",
            &["--origin", "localhost:3001"],
            "--origin localhost:3001 is not an origin that can be allowed (scheme://host[:port], https except for \
             localhost): use http://localhost:3001",
        ),
    ] {
        let output = doctor(url.to_owned(), arguments, None).await;
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(message), "{stderr}");
    }
}

/// The listener would see the connection; there is none.
#[tokio::test]
async fn no_password_goes_over_plain_http_to_another_machine() {
    let listener = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://0.0.0.0:{}", listener.local_addr().unwrap().port());
    let output = doctor(url.clone(), SIGNING_IN, None).await;
    assert!(!output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("no password is sent to") && stderr.contains("use https in --url"),
        "{stderr}"
    );
    assert_eq!(
        listener.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
}
