//! `serve` itself: what it keeps, what it refuses, how it stops.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use gatecrumb::{
    dynamodb,
    serve::{Options, Server},
};
use gatecrumb_testkit::{http::Browser, logs};

use crate::api::{PASSWORD, credentials, options, settings};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory of the test's own, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!(
            "gatecrumb-test-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::SeqCst)
        );
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn keeping(directory: &Directory) -> Options {
    let state = directory.0.join("state");
    let dynamodb = dynamodb::Options {
        memory: false,
        fixtures: false,
        state,
        ..options().dynamodb
    };
    Options {
        dynamodb,
        ..options()
    }
}

#[tokio::test]
async fn sessions_and_keys_survive_a_restart() {
    logs::capture();
    let directory = Directory::new();
    let server = Server::start(&keeping(&directory), settings(&[])).await.unwrap();
    let mut browser = Browser::new(&format!("http://{}", server.address));
    assert_eq!(
        browser
            .post_json("/auth/login", &credentials("demo", PASSWORD))
            .await
            .outcome(),
        "200"
    );
    let jar = browser.jar.clone();
    server.stop().await.unwrap();

    let server = Server::start(&keeping(&directory), settings(&[])).await.unwrap();
    let mut browser = Browser::new(&format!("http://{}", server.address));
    browser.jar = jar;
    assert_eq!(browser.get("/auth/me").await.outcome(), "200");
    assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    server.stop().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_signing_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    logs::capture();
    let directory = Directory::new();
    Server::start(&keeping(&directory), settings(&[]))
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory.0.join("state")), 0o700);
    assert_eq!(mode(directory.0.join("state/signing-keys.json")), 0o600);
}

#[tokio::test]
async fn a_taken_port_is_said_plainly_and_leaves_nothing_behind() {
    logs::capture();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let directory = Directory::new();
    for (options, option) in [
        (
            Options {
                port,
                ..keeping(&directory)
            },
            "--port",
        ),
        (
            Options {
                dynamodb: dynamodb::Options {
                    dynamodb_port: port,
                    ..keeping(&directory).dynamodb
                },
                ..options()
            },
            "--dynamodb-port",
        ),
    ] {
        let failure = Server::start(&options, settings(&[]))
            .await
            .err()
            .unwrap()
            .to_string();
        let expected =
            format!("port {port} is taken: stop what listens there, or choose another one with {option}");
        assert_eq!(failure, expected);
        assert!(!directory.0.join("state/signing-keys.json").exists());
    }
}

#[tokio::test]
async fn one_directory_has_one_server() {
    logs::capture();
    let directory = Directory::new();
    let server = Server::start(&keeping(&directory), settings(&[])).await.unwrap();
    let failure = Server::start(&keeping(&directory), settings(&[]))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(failure.starts_with("another gatecrumb uses "), "{failure}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_in_its_environment_is_said_with_the_mend() {
    for (name, value, mend) in [
        ("ALLOWED_ORIGINS", "*", "list exact origins"),
        ("COOKIE_SAMESITE", "none", "use lax, or https"),
        ("ACCESS_TTL_SECONDS", "1", "a whole number from 60 to 3600"),
    ] {
        let failure = Server::start(&options(), settings(&[(name, value)]))
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(failure.starts_with(name) && failure.contains(mend), "{failure}");
    }
}
