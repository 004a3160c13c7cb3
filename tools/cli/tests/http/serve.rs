//! `serve`: the state that it keeps, the settings that it refuses, and how it stops.

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

/// A directory for one test, removed at its end.
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
        state: Some(state),
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

/// Browsers send the cookies of localhost to every port.
#[tokio::test]
async fn two_projects_on_one_machine_leave_one_another_signed_in() {
    logs::capture();
    let (one, another) = (Directory::new(), Directory::new());
    let dynamodb = |memory| dynamodb::Options {
        memory,
        fixtures: false,
        ..options().dynamodb
    };
    let in_memory = Options {
        dynamodb: dynamodb(true),
        ..options()
    };
    let projects = [keeping(&one), keeping(&another), in_memory.clone(), in_memory];
    let mut servers = Vec::new();
    for project in &projects {
        servers.push(Server::start(project, settings(&[])).await.unwrap());
    }
    let base = |server: &Server| format!("http://{}", server.address);
    for own in &servers {
        let mut browser = Browser::new(&base(own));
        let login = browser
            .post_json("/auth/login", &credentials("demo", PASSWORD))
            .await;
        assert_eq!(login.outcome(), "200");
        for neighbour in servers
            .iter()
            .filter(|neighbour| neighbour.address != own.address)
        {
            let mut there = Browser::new(&base(neighbour));
            there.jar = browser.jar.clone();
            assert_eq!(there.get("/auth/me").await.outcome(), "401 not_logged_in");
            let refresh = there.post("/auth/refresh", "", "").await;
            assert_eq!(
                (refresh.outcome().as_str(), refresh.set_cookies().len()),
                ("401 not_logged_in", 0)
            );
            assert_eq!(there.jar, browser.jar);
        }
        assert_eq!(browser.get("/auth/me").await.outcome(), "200");
        assert_eq!(browser.post("/auth/refresh", "", "").await.outcome(), "200");
    }
    for server in servers {
        server.stop().await.unwrap();
    }
}

/// With a `COOKIE_NAME` of its own, not even a sign-in of the other project changes a cookie.
#[tokio::test]
async fn a_cookie_name_of_its_own_shares_nothing() {
    logs::capture();
    let shop = Server::start(&options(), settings(&[("COOKIE_NAME", "shop")]))
        .await
        .unwrap();
    let blog = Server::start(&options(), settings(&[("COOKIE_NAME", "blog")]))
        .await
        .unwrap();
    let at = |server: &Server| Browser::new(&format!("http://{}", server.address));
    let (mut shop, mut blog) = (at(&shop), at(&blog));
    let fixture = credentials("login", PASSWORD);
    assert_eq!(shop.post_json("/auth/login", &fixture).await.outcome(), "200");
    let names: Vec<&str> = shop.jar.keys().map(String::as_str).collect();
    assert_eq!(names, ["shop-access", "shop-device", "shop-hint", "shop-refresh"]);
    blog.jar = shop.jar.clone();
    assert_eq!(blog.get("/auth/me").await.outcome(), "401 not_logged_in");
    assert_eq!(blog.post_json("/auth/login", &fixture).await.outcome(), "200");
    assert_eq!(blog.post("/auth/logout", "", "").await.outcome(), "204");
    assert!(blog.jar.remove("blog-device").is_some());
    assert_eq!(blog.jar, shop.jar);
    assert_eq!(shop.get("/auth/me").await.outcome(), "200");
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
    assert_eq!(mode(directory.0.join("state/issuer")), 0o600);
}

#[tokio::test]
async fn a_port_in_use_is_reported_and_leaves_nothing_behind() {
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
        let expected = format!(
            "port {port} is in use: stop the program that listens there, or choose another port with {option}"
        );
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
async fn an_invalid_variable_is_reported_with_its_fix() {
    for (name, value, fix) in [
        ("ALLOWED_ORIGINS", "*", "list exact origins"),
        ("COOKIE_SAMESITE", "none", "use lax, or https"),
        (
            "COOKIE_NAME",
            "__Host-mine",
            "1 to 32 characters of a-z, 0-9 and -",
        ),
        (
            "AUDIENCE",
            "https://example.com#refresh",
            "choose another audience",
        ),
        ("ACCESS_TTL_SECONDS", "1", "a whole number from 60 to 3600"),
    ] {
        let failure = Server::start(&options(), settings(&[(name, value)]))
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(failure.starts_with(name) && failure.contains(fix), "{failure}");
    }
}
