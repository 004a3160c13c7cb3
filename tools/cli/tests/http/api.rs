//! A server for each test, and operations on it and on its table.

use std::{sync::Arc, time::Duration};

use gatecrumb::{
    dynamodb,
    serve::{Options, Server, Settings},
};
use gatecrumb_admin::{Admin as _, Change, NewUser, Profile};
use gatecrumb_aws::Connection;
use gatecrumb_domain::{
    AccessClaims, Clock as _, PasswordHash, PasswordVersion, RefreshClaims, Roles, Session, SessionId,
    Timestamp, UserId, Username, rotation::SessionState,
};
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_store::Store;
use gatecrumb_testkit::{
    fixtures,
    host::TestHost,
    http::{self, Browser},
    logs,
};
use gatecrumb_tokens::{Verifier, VerifyingKeys};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const ACCESS: &str = "gatecrumb-access";
pub(crate) const REFRESH: &str = "gatecrumb-refresh";
pub(crate) const HINT: &str = "gatecrumb-hint";
pub(crate) const DEVICE: &str = "gatecrumb-device";

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
        state: "unused".into(),
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

    /// The time of the functions.
    pub(crate) fn now(&self) -> Timestamp {
        match &self.running {
            Running::Here { host, .. } => host.now(),
            Running::Elsewhere(_) => now(),
        }
    }

    /// Moves the clock of the functions. Only [`Self::here`].
    pub(crate) fn advance(&self, time: Duration) {
        match &self.running {
            Running::Here { host, .. } => host.advance(time),
            Running::Elsewhere(_) => panic!("the clock of sam local is the machine's"),
        }
    }

    /// More than an access lifetime passes: access tokens expire, and refresh tokens are old enough to rotate. `sam
    /// local` reads the machine's clock: its tokens are signed again, with earlier times.
    pub(crate) fn age<'b>(&self, browsers: impl IntoIterator<Item = &'b mut Browser>) {
        match &self.running {
            Running::Here { host, .. } => host.advance(fixtures::AGED),
            Running::Elsewhere(_) => {
                for browser in browsers {
                    self.expire_access(browser);
                    let claims = refresh_claims(browser);
                    put_refresh(
                        browser,
                        &RefreshClaims {
                            iat: now() - fixtures::AGED,
                            ..claims
                        },
                    );
                }
            }
        }
    }

    /// Replaces the access token with an expired one.
    pub(crate) fn expire_access(&self, browser: &mut Browser) {
        let claims = AccessClaims {
            exp: self.now() - Duration::from_secs(1),
            ..access_claims(browser)
        };
        put(
            browser,
            ACCESS,
            fixtures::signer().access(&claims).unwrap().expose(),
        );
    }

    /// Replaces the refresh token with an expired one.
    pub(crate) fn expire_refresh(&self, browser: &mut Browser) {
        let claims = refresh_claims(browser);
        put_refresh(
            browser,
            &RefreshClaims {
                exp: self.now() - Duration::from_secs(1),
                ..claims
            },
        );
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

    /// Sets the idle end and the absolute end of the session.
    pub(crate) async fn set_session(
        &self,
        claims: &RefreshClaims,
        expires_at: Timestamp,
        absolute: Timestamp,
    ) {
        let session = self.session(claims).await;
        let state = SessionState {
            expires_at,
            absolute_expires_at: absolute,
            ..session.state
        };
        self.write_session(claims, &state, session.epoch).await;
    }

    /// Sets how long ago the session last rotated.
    pub(crate) async fn rotated(&self, claims: &RefreshClaims, ago: Duration) {
        let session = self.session(claims).await;
        let state = SessionState {
            rotated_at: self.now() - ago,
            ..session.state
        };
        self.write_session(claims, &state, session.epoch).await;
    }

    async fn session(&self, claims: &RefreshClaims) -> Session {
        let found = self.store.user_and_session(&claims.sub, &claims.sid).await;
        found.unwrap().1.unwrap()
    }

    async fn write_session(&self, claims: &RefreshClaims, state: &SessionState, epoch: u64) {
        let number = |number: u64| json!({ "N": number.to_string() });
        let item = json!({
            "pk": { "S": format!("USER#{}", claims.sub) }, "sk": { "S": format!("SESSION#{}", claims.sid) },
            "current": { "S": state.current.as_str() }, "epoch": number(epoch),
            "created_at": number(state.created_at.0), "rotated_at": number(state.rotated_at.0),
            "expires_at": number(state.expires_at.0), "absolute_expires_at": number(state.absolute_expires_at.0),
        });
        self.put(&json!({ "TableName": "gatecrumb", "Item": item })).await;
    }

    /// A raw `PutItem`: the store never rewrites a session.
    async fn put(&self, request: &Value) {
        let answer = Browser::new(&self.dynamodb)
            .with_header("x-amz-target", "DynamoDB_20120810.PutItem")
            .post("/", "application/x-amz-json-1.0", request.to_string())
            .await;
        assert_eq!(answer.outcome(), "200");
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
            let log = logs::captured();
            assert!(
                log.is_empty() || log.contains("\"request_id\""),
                "requests are logged"
            );
            logs::assert_clean(&log);
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

fn verifier() -> Verifier {
    let keys = VerifyingKeys::from_json(&fixtures::signing_keys().to_public_json()).unwrap();
    Verifier::new(&keys, fixtures::ISSUER, fixtures::ISSUER)
}

pub(crate) fn access_claims(browser: &Browser) -> AccessClaims {
    verifier().access(&browser.jar[ACCESS]).unwrap().even_if_expired()
}

pub(crate) fn refresh_claims(browser: &Browser) -> RefreshClaims {
    verifier()
        .refresh(&browser.jar[REFRESH])
        .unwrap()
        .even_if_expired()
}

fn put_refresh(browser: &mut Browser, claims: &RefreshClaims) {
    put(
        browser,
        REFRESH,
        fixtures::signer().refresh(claims).unwrap().expose(),
    );
}

/// Whether no session cookie is left. The device cookie remains after a session.
pub(crate) fn is_signed_out(browser: &Browser) -> bool {
    browser.jar.keys().all(|name| name == DEVICE)
}

pub(crate) fn put(browser: &mut Browser, name: &str, value: &str) {
    browser.jar.insert(name.to_owned(), value.to_owned());
}
