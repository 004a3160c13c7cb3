//! `gatecrumb doctor` on a deployment that is well, and on those that somebody put a bad proxy before.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

const PASSWORD: &str = "correct horse battery staple";
const PAGES: &str = "https://app.example.com";

/// `gatecrumb serve`, with the cookies of https when there is something before it that speaks it.
struct Serve {
    process: Child,
    address: SocketAddr,
}

impl Serve {
    fn start(variables: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_gatecrumb"))
            .args(["serve", "--memory", "--port", "0", "--dynamodb-port", "0"])
            .env_clear()
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let page = lines.by_ref().find(|line| line.starts_with("  page ")).unwrap();
        let port = page
            .trim_end_matches('/')
            .rsplit(':')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        lines.by_ref().find(|line| line.starts_with("Ctrl-C")).unwrap();
        Self {
            process,
            address: ([127, 0, 0, 1], port).into(),
        }
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// TLS before `upstream`, by a certificate for localhost: the port, and the certificate.
async fn tls(upstream: SocketAddr) -> (u16, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut inside) = acceptor.accept(stream).await else {
                    return;
                };
                let mut outside = TcpStream::connect(upstream).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
            });
        }
    });
    (port, cert.pem())
}

/// What a bad proxy does to requests and answers.
#[derive(Clone, Copy)]
struct Meddling {
    request: fn(&mut HeaderMap),
    answer: fn(&mut Response),
}

const NONE: Meddling = Meddling {
    request: |_| (),
    answer: |_| (),
};

async fn proxy(upstream: SocketAddr, meddling: Meddling) -> SocketAddr {
    async fn forward(
        State((upstream, meddling)): State<(SocketAddr, Meddling)>,
        request: Request,
    ) -> Response {
        let (mut parts, body) = request.into_parts();
        let body: Bytes = to_bytes(body, usize::MAX).await.unwrap();
        (meddling.request)(&mut parts.headers);
        parts.uri = format!("http://{upstream}{}", parts.uri.path_and_query().unwrap())
            .parse()
            .unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let answer = client
            .request(Request::from_parts(parts, Full::from(body)))
            .await
            .unwrap();
        let (parts, body) = answer.into_parts();
        let mut answer = Response::from_parts(parts, Body::from(body.collect().await.unwrap().to_bytes()));
        (meddling.answer)(&mut answer);
        answer
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(forward).with_state((upstream, meddling));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

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
    PAGES,
    "--username",
    "demo",
    "--password-stdin",
    "--json",
];

fn checks(output: &Output) -> Vec<Value> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    report["checks"].as_array().unwrap().clone()
}

/// The checks with that outcome.
fn with(outcome: &str, output: &Output) -> Vec<String> {
    let checks = checks(output)
        .into_iter()
        .filter(|check| check["outcome"] == outcome);
    checks
        .map(|check| check["check"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_deployment_that_is_well_passes_every_check_over_https() {
    let serve = Serve::start(&[("COOKIE_INSECURE", "false"), ("ALLOWED_ORIGINS", PAGES)]);
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
            "answers",
            "clock",
            "cookies",
            "cross-site requests",
            &format!("origin {PAGES}"),
            "other origins",
            "visitors' addresses",
            "sign-in",
            "sign-in's answer",
            "sign-in's cookies",
            "me",
            "the functions' clock",
            "refresh",
            "sign-out",
        ]
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains("eyJ") && !said.contains(PASSWORD));

    // Nobody vouches for that certificate any more.
    let output = doctor(url, SIGNING_IN, None).await;
    assert!(!output.status.success());
    assert_eq!(with("fail", &output), ["reachable"]);
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[tokio::test]
async fn what_is_wrong_is_named_with_its_mend() {
    let serve = Serve::start(&[("ALLOWED_ORIGINS", PAGES)]);
    let page = format!("origin {PAGES}");
    let cases: [(&str, Meddling, &[&str]); 9] = [
        ("nothing", NONE, &[]),
        (
            "a cache that adds its own lifetime",
            Meddling {
                answer: |answer| {
                    let lifetime = HeaderValue::from_static("public, max-age=60");
                    answer.headers_mut().insert("cache-control", lifetime);
                },
                ..NONE
            },
            &["answers", "sign-in's answer"],
        ),
        (
            "cookies that are stripped",
            Meddling {
                answer: |answer| drop(answer.headers_mut().remove("set-cookie")),
                ..NONE
            },
            &["cookies", "sign-in's cookies", "me", "refresh", "sign-out"],
        ),
        (
            "cookies that scripts can read",
            Meddling {
                answer: |answer| {
                    let lines: Vec<_> = answer.headers().get_all("set-cookie").iter().cloned().collect();
                    answer.headers_mut().remove("set-cookie");
                    for line in lines {
                        let line = line.to_str().unwrap().replace("HttpOnly; ", "");
                        answer.headers_mut().append("set-cookie", line.parse().unwrap());
                    }
                },
                ..NONE
            },
            &["cookies", "sign-in's cookies"],
        ),
        (
            "CORS for everybody",
            Meddling {
                answer: |answer| {
                    let all = HeaderValue::from_static("*");
                    answer.headers_mut().insert("access-control-allow-origin", all);
                },
                ..NONE
            },
            &[&page, "other origins"],
        ),
        (
            "a request's origin that is stripped",
            Meddling {
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
            Meddling {
                answer: |answer| {
                    let date = HeaderValue::from_static("Mon, 01 Jan 2024 00:00:00 GMT");
                    answer.headers_mut().insert("date", date);
                },
                ..NONE
            },
            &["clock"],
        ),
        (
            "pages instead of the API",
            Meddling {
                answer: |answer| *answer = Response::new(Body::from("<!doctype html>")),
                ..NONE
            },
            &["reachable"],
        ),
        (
            "a path that is not mapped",
            Meddling {
                answer: |answer| {
                    *answer = Response::new(Body::from("{\"message\":\"Not Found\"}"));
                    *answer.status_mut() = StatusCode::NOT_FOUND;
                },
                ..NONE
            },
            &["reachable"],
        ),
    ];
    for (what, meddling, expected) in cases {
        let address = proxy(serve.address, meddling).await;
        let output = doctor(format!("http://{address}"), SIGNING_IN, None).await;
        assert_eq!(with("fail", &output), expected, "{what}: {output:?}");
        assert_eq!(output.status.success(), expected.is_empty(), "{what}");
        for check in checks(&output) {
            assert_eq!(
                check["outcome"] != "pass",
                check["mend"].is_string(),
                "{what}: {check}"
            );
        }
    }
}

#[tokio::test]
async fn an_origin_that_is_not_allowed_and_a_proxy_are_noticed() {
    let serve = Serve::start(&[("ALLOWED_ORIGINS", "https://other.example.com")]);
    let meddling = Meddling {
        answer: |answer| {
            answer
                .headers_mut()
                .insert("via", HeaderValue::from_static("1.1 edge"));
        },
        ..NONE
    };
    let address = proxy(serve.address, meddling).await;
    let output = doctor(format!("http://{address}"), &["--origin", PAGES, "--json"], None).await;
    assert_eq!(with("fail", &output), [format!("origin {PAGES}")]);
    assert_eq!(with("note", &output), ["https", "visitors' addresses"]);
}

#[tokio::test]
async fn it_says_what_is_wrong_in_words() {
    for (url, said) in [
        ("nonsense", "is not a URL such as https://auth.example.com"),
        ("ftp://example.com", "is not a URL such as"),
    ] {
        let output = doctor(url.to_owned(), &[], None).await;
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(complaint.contains(said), "{complaint}");
    }
    let output = doctor("http://127.0.0.1:9".to_owned(), &[], None).await;
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.starts_with("FAIL  reachable  "), "{report}");
    assert!(report.contains("→ check the URL"), "{report}");
}

/// All that could arrive at this address is the connection; there is none.
#[tokio::test]
async fn no_password_goes_over_plain_http_to_another_machine() {
    let listener = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://0.0.0.0:{}", listener.local_addr().unwrap().port());
    let output = doctor(url.clone(), SIGNING_IN, None).await;
    assert!(!output.status.success());
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains("no password is sent to") && complaint.contains("give --url with https"),
        "{complaint}"
    );
    assert_eq!(
        listener.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
}
