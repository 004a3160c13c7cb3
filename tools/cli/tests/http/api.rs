//! A server for each test, and operations on it and on its table.

mod jar;
mod rows;
mod time;

use std::sync::Arc;

use gatecrumb::{
    dynamodb,
    serve::{Options, Server, Settings},
};
use gatecrumb_admin::{Admin as _, Change, NewUser, Profile};
use gatecrumb_aws::Connection;
use gatecrumb_domain::{PasswordHash, PasswordVersion, Roles, SessionId, UserId, Username};
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_store::Store;
use gatecrumb_testkit::{
    fixtures,
    host::TestHost,
    http::{self, Browser},
    logs,
};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

pub(crate) use jar::{ACCESS, DEVICE, HINT, REFRESH, access_claims, is_signed_out, put, refresh_claims};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A running API. Unless changed, its configuration is that of the fixtures with local cookies.
pub(crate) struct Api {
    pub(crate) base: String,
    pub(crate) dynamodb: String,
    pub(crate) store: Store,
    running: Running,
}

enum Running {
    Here {
        #[expect(dead_code, reason = "runs while it is held")]
        server: Box<Server>,
        /// The time of the functions, which passes only when a test moves it.
        host: TestHost,
    },
    /// An external API, which one test uses at a time.
    Elsewhere(#[expect(dead_code, reason = "other tests wait while it is held")] MutexGuard<'static, ()>),
}

static ELSEWHERE: Mutex<()> = Mutex::const_new(());

/// An API that the tests use instead of their own server: `sam local start-api`, as configured in `samconfig.toml`, and
/// its DynamoDB. A test of another configuration still starts its own server.
#[expect(
    clippy::disallowed_methods,
    reason = "how a developer chooses the server under test"
)]
fn elsewhere() -> Option<(String, String)> {
    Some((http::sam()?, std::env::var("GATECRUMB_TEST_DYNAMODB_URL").ok()?))
}

/// The cost of hashes in tests: the minimum that a deployment can set.
pub(crate) fn cheap() -> Cost {
    Cost::new(7168, 1, 1).unwrap()
}

/// Sets the password of this hash.
pub(crate) fn new_password(hash: PasswordHash) -> Change {
    let version = PasswordVersion::random(&SystemRandomness).unwrap();
    Change::Password { hash, version }
}

pub(crate) fn options() -> Options {
    let dynamodb = dynamodb::Options {
        dynamodb_port: 0,
        dynamodb_host: [127, 0, 0, 1].into(),
        memory: true,
        fixtures: true,
        demo: false,
        state: None,
    };
    Options { port: 0, dynamodb }
}

pub(crate) fn settings(changes: &[(&'static str, &str)]) -> Settings {
    let changes: Vec<(&str, String)> = changes
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    Settings::new(move |name| {
        let found = changes
            .iter()
            .find(|(changed, _)| *changed == name)
            .map(|(_, value)| value.clone());
        let default = match name {
            "COOKIE_INSECURE" => Some("true"),
            "PASSWORD_MEMORY_KIB" => Some("7168"),
            "PASSWORD_ITERATIONS" => Some("1"),
            _ => None,
        };
        found.or_else(|| default.map(str::to_owned))
    })
}

impl Api {
    pub(crate) async fn start() -> Self {
        match elsewhere() {
            Some((base, dynamodb)) => Self::elsewhere(base, dynamodb).await,
            None => Self::with(&[]).await,
        }
    }

    /// Resets the table to the fixtures first, whatever other tests left there.
    async fn elsewhere(base: String, dynamodb: String) -> Self {
        let guard = ELSEWHERE.lock().await;
        logs::never_log(PASSWORD);
        let mut raw = Browser::new(&dynamodb).with_header("x-amz-target", "DynamoDB_20120810.DeleteTable");
        let deleted = raw
            .post("/", "application/x-amz-json-1.0", "{\"TableName\":\"gatecrumb\"}")
            .await;
        assert_eq!(deleted.outcome(), "200");
        let store = Store::new(&Connection::local(&dynamodb).dynamodb(), "gatecrumb");
        fixtures::load(&store).await.unwrap();
        Self {
            base,
            dynamodb,
            store,
            running: Running::Elsewhere(guard),
        }
    }

    /// Always starts a server, never uses the external API.
    pub(crate) async fn here() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(changes: &[(&'static str, &str)]) -> Self {
        logs::capture();
        logs::never_log(PASSWORD);
        let host = TestHost::at(now());
        let settings = settings(changes).with_clock(Arc::new(host.clone()));
        let server = Server::start(&options(), settings).await.unwrap();
        let dynamodb = format!("http://{}", server.dynamodb);
        Self {
            base: format!("http://{}", server.address),
            store: Store::new(&Connection::local(&dynamodb).dynamodb(), "gatecrumb"),
            dynamodb,
            running: Running::Here {
                server: Box::new(server),
                host,
            },
        }
    }

    /// Whether this is `sam local start-api`. Its emulation of API Gateway differs; the tests concerned say how.
    pub(crate) fn emulated_by_sam(&self) -> bool {
        matches!(self.running, Running::Elsewhere(_))
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    pub(crate) async fn user(&self, name: &str) -> UserId {
        let user = NewUser {
            id: UserId::random(&SystemRandomness).unwrap(),
            username: Username::parse(name).unwrap(),
            password_hash: phc(PASSWORD).await,
            password_version: PasswordVersion::random(&SystemRandomness).unwrap(),
            profile: Profile {
                email: Some(format!("{name}@example.com")),
                name: Some(name.to_uppercase()),
            },
            roles: roles(&["editor", "reader"]),
        };
        self.store.create_user(&user, self.now()).await.unwrap();
        user.id
    }

    pub(crate) async fn change(&self, user: &UserId, change: Change) {
        assert!(self.store.change_user(user, &change, self.now()).await.unwrap());
    }

    /// Creates the user `name` and signs in.
    pub(crate) async fn signed_in(&self, name: &str) -> (UserId, Browser) {
        let user = self.user(name).await;
        (user, self.sign_in(name).await)
    }

    pub(crate) async fn sign_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser
            .post_json("/auth/login", &credentials(name, PASSWORD))
            .await;
        assert_eq!(answer.outcome(), "200");
        browser
    }

    pub(crate) async fn session_exists(&self, user: &UserId, session: &SessionId) -> bool {
        self.store
            .user_and_session(user, session)
            .await
            .unwrap()
            .1
            .is_some()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // The log has the lines of all tests so far: the last test to end checks the whole run.
        if !std::thread::panicking() {
            let key = fixtures::signing_keys().to_private_json();
            let key: Value = serde_json::from_str(&key).unwrap();
            logs::never_log(key["keys"][0]["d"].as_str().unwrap());
            logs::assert_clean(&logs::captured());
        }
    }
}

pub(crate) fn credentials(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

pub(crate) async fn phc(password: &str) -> PasswordHash {
    logs::never_log(password);
    let hash = Hasher::start(cheap(), 1)
        .await
        .hash(Password::presented(password), [7; 16])
        .await
        .unwrap();
    logs::never_log(hash.expose());
    hash.expose().to_owned().into()
}

pub(crate) fn roles(roles: &[&str]) -> Roles {
    roles
        .iter()
        .map(|role| role.parse().unwrap())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}
