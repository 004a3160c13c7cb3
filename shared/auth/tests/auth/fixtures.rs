//! A table with users and sessions, and keys for tokens and devices.

mod requests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use gatecrumb_admin::{Admin as _, Change, NewUser, Profile};
use gatecrumb_auth::{SessionCookies, sign_in::SignIn};
use gatecrumb_aws::{Connection, Http};
use gatecrumb_domain::{
    AccessClaims, Acr, Authentication, AuthenticationMethods, NoRandomness, PasswordVersion, Randomness,
    RefreshClaims, Roles, SessionId, Timestamp, TokenId, User, UserId, Username,
};
use gatecrumb_local::DynamoDb;
use gatecrumb_store::{NewSession, Store};
use gatecrumb_tokens::{
    Signer, SigningKeys, Verifier, VerifyingKeys,
    cookies::{CookieName, CookiePolicy, PresentedCookies, SameSite},
    device::DeviceKeys,
};

use requests::Recorder;
pub(crate) use requests::Requests;

/// The start of a day and of an hour.
pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000 - 1_800_000_000 % (24 * 3600));
pub(crate) const ACCESS: Duration = Duration::from_secs(900);
pub(crate) const IDLE: Duration = Duration::from_secs(5000);
pub(crate) const MAX: Duration = Duration::from_secs(20_000);

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Draws different bytes each time, until no draws are left.
pub(crate) struct Counting {
    drawn: AtomicU64,
    left: AtomicU64,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            drawn: AtomicU64::new(0),
            left: AtomicU64::new(u64::MAX),
        }
    }
}

impl Counting {
    /// Only this many more draws succeed.
    pub(crate) fn leave(&self, draws: u64) {
        self.left.store(draws, Ordering::Relaxed);
    }
}

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        let left = self.left.load(Ordering::Relaxed);
        self.left
            .store(left.checked_sub(1).ok_or(NoRandomness)?, Ordering::Relaxed);
        let draw = self.drawn.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        for (byte, drawn) in bytes.iter_mut().zip(draw.iter().cycle()) {
            *byte = *drawn;
        }
        Ok(())
    }
}

/// A table of its own for every test, with the user `ada`.
pub(crate) struct Fixtures {
    pub(crate) store: Store,
    pub(crate) requests: Arc<Requests>,
    pub(crate) randomness: Arc<Counting>,
    pub(crate) ada: User,
}

impl Fixtures {
    pub(crate) async fn new() -> Self {
        let requests = Arc::<Requests>::default();
        let dynamodb = DynamoDb::in_memory().unwrap().connector();
        let connection = Connection {
            http: Http::embedded(Recorder::new(dynamodb, Arc::clone(&requests))),
            ..Connection::local("http://dynamodb.test")
        };
        let store = Store::new(&connection.dynamodb(), "test");
        assert!(store.create_table().await.unwrap());
        let randomness = Arc::<Counting>::default();
        let ada = create_user(&store, &*randomness, "ada").await;
        requests.take();
        Self {
            store,
            requests,
            randomness,
            ada,
        }
    }

    pub(crate) async fn user(&self, name: &str) -> User {
        create_user(&self.store, &*self.randomness, name).await
    }

    pub(crate) async fn change(&self, user: &User, change: Change) {
        assert!(self.store.change_user(&user.id, &change, NOW).await.unwrap());
    }

    /// Opens a session at [`NOW`].
    pub(crate) async fn session(&self, user: &User) -> SessionId {
        let session = NewSession {
            user: user.id.clone(),
            id: SessionId::random(&*self.randomness).unwrap(),
            root: "root".parse().unwrap(),
            epoch: user.session_epoch,
            created_at: NOW,
            authentication: Authentication::by_password(NOW),
            expires_at: NOW + IDLE,
            absolute_expires_at: NOW + MAX,
            user_agent: None,
            ip: None,
        };
        self.store.open_session(&session).await.unwrap();
        session.id
    }

    /// The ids of the user's sessions that have a row.
    pub(crate) async fn sessions(&self, user: &User) -> Vec<SessionId> {
        let sessions = self.store.sessions(&user.id).await.unwrap();
        sessions.into_iter().map(|session| session.id).collect()
    }

    pub(crate) fn cookies(&self) -> SessionCookies {
        SessionCookies {
            policy: policy(),
            access_lifetime: ACCESS,
            signer: signer("issuer"),
            randomness: Arc::<Counting>::clone(&self.randomness),
        }
    }

    pub(crate) fn sign_in(&self) -> SignIn {
        SignIn {
            store: self.store.clone(),
            verifier: verifier(),
            cookies: self.cookies(),
            devices: devices(),
            session_idle: IDLE,
            session_max: MAX,
        }
    }
}

async fn create_user(store: &Store, randomness: &dyn Randomness, name: &str) -> User {
    let user = NewUser {
        id: UserId::random(randomness).unwrap(),
        username: Username::parse(name).unwrap(),
        password_hash: "phc".to_owned().into(),
        password_version: PasswordVersion::random(randomness).unwrap(),
        profile: Profile::default(),
        roles: roles(),
    };
    store.create_user(&user, NOW).await.unwrap();
    store.user(&user.id).await.unwrap().unwrap()
}

pub(crate) fn roles() -> Roles {
    vec!["admin".parse().unwrap()].try_into().unwrap()
}

pub(crate) fn policy() -> CookiePolicy {
    CookiePolicy::new(CookieName::default(), true, None, SameSite::Lax).unwrap()
}

pub(crate) fn devices() -> DeviceKeys {
    DeviceKeys::from_json("{\"1\":\"known-to-all-only-for-these-tests\"}").unwrap()
}

fn keys() -> SigningKeys {
    SigningKeys::from_seed([1; 32])
}

pub(crate) fn signer(issuer: &str) -> Signer {
    let keys = keys();
    let kid = keys.kids().next().unwrap();
    Signer::new(&keys, kid, issuer, "audience").unwrap()
}

pub(crate) fn verifier() -> Verifier {
    let public = VerifyingKeys::from_json(&keys().to_public_json()).unwrap();
    Verifier::new(&public, "issuer", "audience")
}

/// The cookies of a header with these pairs.
pub(crate) fn presented(pairs: &[&str]) -> PresentedCookies {
    PresentedCookies::parse([pairs.join("; ").as_bytes()], &policy())
}

/// The access cookie, as `name=value`, of a token by this issuer.
pub(crate) fn access_by(issuer: &str, user: &UserId, session: &SessionId, times: [Timestamp; 2]) -> String {
    let [iat, exp] = times;
    let claims = AccessClaims {
        sub: user.clone(),
        sid: session.clone(),
        iat,
        exp,
        jti: "access".parse().unwrap(),
        roles: Roles::default(),
        auth_time: iat,
        amr: AuthenticationMethods::password(),
        acr: Acr::Aal1,
    };
    let token = signer(issuer).access(&claims).unwrap();
    format!("__Host-gatecrumb-access={}", token.expose())
}

/// The refresh cookie, as `name=value`, of a token by this issuer.
pub(crate) fn refresh_by(
    issuer: &str,
    jti: &str,
    user: &UserId,
    session: &SessionId,
    exp: Timestamp,
) -> String {
    let jti: TokenId = jti.parse().unwrap();
    let claims = RefreshClaims {
        sub: user.clone(),
        sid: session.clone(),
        jti,
        parent: "root".parse().unwrap(),
        iat: NOW,
        exp,
    };
    let token = signer(issuer).refresh(&claims).unwrap();
    format!("__Host-gatecrumb-refresh={}", token.expose())
}
