//! The store against the embedded DynamoDB, through the real SDK over HTTP.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

mod credentials;
mod faults;
mod receipts;
mod rotation;
mod sessions;
mod throttle;
mod users;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use gatecrumb_admin::{Admin as _, Change, NewUser, Profile};
use gatecrumb_aws::Connection;
use gatecrumb_domain::{
    Authentication, NoRandomness, PasswordHash, PasswordVersion, Randomness, RefreshClaims, Roles, SessionId,
    Timestamp, TokenId, UserId, Username, rotation::RotationPolicy,
};
use gatecrumb_local::DynamoDb;
use gatecrumb_store::{NewSession, Store};

const NOW: Timestamp = Timestamp(1_800_000_000);
const IDLE: Duration = Duration::from_secs(1000);
const POLICY: RotationPolicy = RotationPolicy {
    min_age: Duration::from_secs(300),
    access_lifetime: Duration::from_secs(900),
    sessions_not_before: Timestamp(0),
};

/// A table of its own for every test.
async fn store() -> Store {
    store_and_client().await.0
}

/// The same, with a client that reads the raw items.
async fn store_and_client() -> (Store, aws_sdk_dynamodb::Client) {
    let address = DynamoDb::in_memory().unwrap().spawn().await.unwrap();
    let config = Connection::local(&format!("http://{address}")).dynamodb();
    let store = Store::new(&config, "test");
    assert!(store.create_table().await.unwrap());
    (store, aws_sdk_dynamodb::Client::new(&config))
}

fn username(name: &str) -> Username {
    Username::parse(name).unwrap()
}

/// Draws different bytes each time.
struct Counter;

impl Randomness for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        static DRAWS: AtomicU64 = AtomicU64::new(0);
        let draw = DRAWS.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        for (byte, drawn) in bytes.iter_mut().zip(draw.iter().cycle()) {
            *byte = *drawn;
        }
        Ok(())
    }
}

fn new_password(hash: PasswordHash) -> Change {
    let version = PasswordVersion::random(&Counter).unwrap();
    Change::Password { hash, version }
}

fn hash(phc: &str) -> PasswordHash {
    phc.to_owned().into()
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        id: UserId::random(&Counter).unwrap(),
        username: username(name),
        password_hash: hash("phc"),
        password_version: PasswordVersion::random(&Counter).unwrap(),
        profile: Profile {
            email: Some("mail@example.com".to_owned()),
            name: None,
        },
        roles: Roles::try_from(vec!["admin".parse().unwrap()]).unwrap(),
    }
}

async fn user(store: &Store, name: &str) -> UserId {
    let user = new_user(name);
    store.create_user(&user, NOW).await.unwrap();
    user.id
}

/// A session whose root is `root`.
fn new_session(user: &UserId, epoch: u64) -> NewSession {
    NewSession {
        user: user.clone(),
        id: SessionId::random(&Counter).unwrap(),
        root: id("root"),
        epoch,
        created_at: NOW,
        authentication: Authentication::by_password(NOW),
        expires_at: NOW + IDLE,
        absolute_expires_at: NOW + IDLE * 3,
        user_agent: Some("browser".to_owned()),
        ip: Some("192.0.2.1".to_owned()),
    }
}

async fn session(store: &Store, user: &UserId, epoch: u64) -> SessionId {
    let session = new_session(user, epoch);
    store.open_session(&session).await.unwrap();
    session.id
}

fn id(id: &str) -> TokenId {
    id.parse().unwrap()
}

/// A token old enough to rotate.
fn token(user: &UserId, session: &SessionId, jti: &str, parent: &str) -> RefreshClaims {
    RefreshClaims {
        sub: user.clone(),
        sid: session.clone(),
        jti: id(jti),
        parent: id(parent),
        iat: NOW - Duration::from_secs(400),
        exp: NOW + IDLE,
    }
}
