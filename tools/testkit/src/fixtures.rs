//! The keys, users and sessions from which the files in `events/` are made.

use std::{net::SocketAddr, time::Duration};

use gatecrumb_aws::Connection;
use gatecrumb_domain::{AccessClaims, Acr, AuthenticationMethods, DeviceId, RefreshClaims, Roles, Timestamp};
use gatecrumb_local::DynamoDb;
pub use gatecrumb_local::fixtures::load;
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_store::Store;
use gatecrumb_tokens::{
    Signer, SigningKeys,
    device::{Browser, DeviceKeys},
};
use serde_json::{Map, Value, json};

/// `ISSUER` and, by default, `AUDIENCE`.
pub const ISSUER: &str = "https://auth.example.com";
/// The frontend's origin, one of two that are allowed.
pub const ORIGIN: &str = "https://app.example.com";
/// The password of every user of the fixtures.
pub const PASSWORD: &str = "correct horse battery staple";
/// A password that no user has.
pub const WRONG_PASSWORD: &str = "correct horse battery stable";
/// When all rows and tokens were created: 2026-09-21.
pub const THEN: Timestamp = Timestamp(1_790_000_000);
/// When tokens and sessions end: 2100-01-01.
pub const FAR: Timestamp = Timestamp(4_102_444_800);

/// Public keys for the fixtures only; never use them elsewhere.
#[must_use]
pub fn signing_keys() -> SigningKeys {
    SigningKeys::from_seed(*b"known to all; only for fixtures!")
}

/// Public device keys for the fixtures only.
pub const DEVICE_KEYS: &str = "{\"1\":\"known-to-all-only-for-the-fixtures\"}";

/// The keys with which login recognizes devices.
#[must_use]
pub fn device_keys() -> DeviceKeys {
    DeviceKeys::from_json(DEVICE_KEYS).unwrap()
}

/// The device cookie, as `name=value`, of a browser in which the user `name` has signed in.
#[must_use]
pub fn known_device(name: &str) -> String {
    let device = DeviceId::random(&SystemRandomness).unwrap();
    let value = device_keys().issue(name, &Browser::default(), device, now());
    format!("__Host-gatecrumb-device={value}")
}

/// Signs as the functions do.
#[must_use]
pub fn signer() -> Signer {
    let keys = signing_keys();
    let kid = keys.kids().next().unwrap().to_owned();
    Signer::new(&keys, &kid, ISSUER, ISSUER).unwrap()
}

/// `events/env.json`, in the format of `sam local invoke --env-vars`.
#[must_use]
pub fn environment() -> Value {
    let keys = signing_keys();
    json!({ "Parameters": {
        "TABLE_NAME": "gatecrumb",
        "ISSUER": ISSUER,
        // `sam local start-api` needs the origins on localhost.
        "ALLOWED_ORIGINS": format!("{ORIGIN},{ISSUER},http://localhost:3000,http://localhost:3001"),
        "VERIFYING_KEYS": keys.to_public_json(),
        "SIGNING_KEYS": *keys.to_private_json(),
        "SIGNING_KID": keys.kids().next().unwrap(),
        "DEVICE_KEYS": DEVICE_KEYS,
        // `sam local` would pass the secret's logical name.
        "DEVICE_KEYS_SECRET": "",
    }})
}

/// `events/cargo-lambda.env`, for `cargo lambda watch --env-file`: the same, with DynamoDB on this machine.
#[must_use]
pub fn dotenv() -> String {
    let line = |(name, value): (String, String)| format!("{name}='{value}'\n");
    variables("http://localhost:8000").into_iter().map(line).collect()
}

/// A session of user `name` with an access and a refresh token.
pub struct Fixture {
    name: &'static str,
    /// The row's `current`: `root` if no refresh token has been used yet.
    current: &'static str,
    access_expires_at: Timestamp,
}

/// Each event that needs a user has its own, so that no event depends on another.
pub const FIXTURES: [Fixture; 8] = [
    fixture("login"),
    fixture("disabled"),
    fixture("me"),
    Fixture {
        access_expires_at: Timestamp(THEN.0 + 900),
        ..fixture("expired")
    },
    fixture("refresh"),
    Fixture {
        current: "newer",
        ..fixture("superseded")
    },
    fixture("logout"),
    fixture("everywhere"),
];

const fn fixture(name: &'static str) -> Fixture {
    Fixture {
        name,
        current: "root",
        access_expires_at: FAR,
    }
}

impl Fixture {
    /// The fixture of that name.
    #[must_use]
    pub fn named(name: &str) -> &'static Self {
        FIXTURES.iter().find(|fixture| fixture.name == name).unwrap()
    }

    /// The access cookie's value.
    #[must_use]
    pub fn access(&self) -> String {
        let claims = AccessClaims {
            sub: self.name.parse().unwrap(),
            sid: self.name.parse().unwrap(),
            iat: THEN,
            exp: self.access_expires_at,
            jti: "access".parse().unwrap(),
            roles: Roles::try_from(vec!["reader".parse().unwrap()]).unwrap(),
            auth_time: THEN,
            amr: AuthenticationMethods::password(),
            acr: Acr::Aal1,
        };
        signer().access(&claims).unwrap().expose().to_owned()
    }

    /// The refresh cookie's value: the first token of the session.
    #[must_use]
    pub fn refresh(&self) -> String {
        self.refresh_issued_at(THEN)
    }

    /// The same token, issued at another time.
    #[must_use]
    pub fn refresh_issued_at(&self, iat: Timestamp) -> String {
        let claims = RefreshClaims {
            sub: self.name.parse().unwrap(),
            sid: self.name.parse().unwrap(),
            jti: "first".parse().unwrap(),
            parent: "root".parse().unwrap(),
            iat,
            exp: FAR,
        };
        signer().refresh(&claims).unwrap().expose().to_owned()
    }

    fn rows(&self, phc: &str) -> [Value; 4] {
        let name = self.name;
        [
            json!({ "pk": format!("LOGIN#{name}"), "sk": "LOGIN", "user_id": name }),
            json!({
                "pk": format!("PASSWORD#{name}"), "sk": "PASSWORD", "password_hash": phc, "version": "first",
            }),
            json!({
                "pk": format!("USER#{name}"), "sk": "USER", "username": name, "password_version": "first",
                "email": format!("{name}@example.com"), "name": format!("The user {name}"), "roles": ["reader"],
                "active": name != "disabled", "session_epoch": 0, "created_at": THEN, "updated_at": THEN,
            }),
            json!({
                "pk": format!("USER#{name}"), "sk": format!("SESSION#{name}"), "current": self.current, "epoch": 0,
                "created_at": THEN, "rotated_at": THEN, "absolute_expires_at": FAR, "expires_at": FAR,
                "auth_time": THEN, "amr": ["pwd"], "user_agent": "fixture", "ip": "192.0.2.1",
            }),
        ]
    }
}

/// `events/rows.json`: the rows of all fixtures.
pub async fn rows() -> Value {
    let password = Password::chosen(PASSWORD).unwrap();
    let phc = Hasher::start(Cost::default(), 1)
        .await
        .hash(password, *b"fixtures' salt!!")
        .await
        .unwrap();
    let rows = FIXTURES.iter().flat_map(|fixture| fixture.rows(phc.expose()));
    Value::Array(rows.collect())
}

/// Starts an embedded DynamoDB with the rows of the fixtures. Returns its address and a store that uses it.
pub async fn dynamodb() -> (SocketAddr, Store) {
    let address = DynamoDb::in_memory().unwrap().spawn().await.unwrap();
    let connection = Connection::local(&format!("http://{address}"));
    let store = Store::new(&connection.dynamodb(), "gatecrumb");
    load(&store).await.unwrap();
    (address, store)
}

/// The functions' environment, with DynamoDB at `endpoint`.
#[must_use]
pub fn variables(endpoint: &str) -> Vec<(String, String)> {
    let environment: Map<String, Value> = environment()["Parameters"].as_object().unwrap().clone();
    let text = |value: Value| value.as_str().unwrap().to_owned();
    let mut variables: Vec<_> = environment
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect();
    for (name, value) in [
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ] {
        variables.push((name.to_owned(), value.to_owned()));
    }
    variables
}

/// Longer than an access token's lifetime and a refresh token's minimum age, by default 900 and 300 seconds.
pub const AGED: Duration = Duration::from_secs(1000);
