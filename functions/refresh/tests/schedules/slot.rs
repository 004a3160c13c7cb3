//! Concurrent instances of the function, as Lambda runs them. Each has its own proxy in front of DynamoDB, and all
//! share the schedule's clock.

use std::{net::SocketAddr, time::Duration};

use gatecrumb_domain::{Authentication, Clock as _, SessionId, Timestamp, TokenId};
use gatecrumb_store::{NewSession, Store};
use gatecrumb_testkit::{
    dynamodb_proxy::{DynamoDbProxy, Held, Holder},
    fixtures, function,
    host::TestHost,
};
use gatecrumb_web::HttpService;
use refresh::Refresh;
use serde_json::Value;
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinHandle};

/// Three tabs, and the thief.
pub(crate) const SLOTS: usize = 4;
/// `REFRESH_MIN_AGE_SECONDS`.
pub(crate) const MIN_AGE: Duration = Duration::from_secs(60);
/// Milliseconds since the epoch, in the far future: only the function's own limit of 29 s applies.
const DEADLINE: u64 = fixtures::FAR.0 * 1000;

/// One instance, which handles one request at a time.
pub(crate) struct Slot {
    function: HttpService<Refresh>,
    calls: UnboundedReceiver<Held>,
    request: Option<JoinHandle<Value>>,
}

/// What a request has reached.
pub(crate) enum Reached {
    Table(Held),
    Answer(Value),
}

impl Slot {
    async fn start(dynamodb: SocketAddr, host: &TestHost) -> Self {
        let (holder, calls) = Holder::of(&["BatchGetItem", "UpdateItem", "DeleteItem"]);
        let proxy = DynamoDbProxy::start(dynamodb, holder).await;
        let min_age = MIN_AGE.as_secs().to_string();
        let env = function::environment(&proxy.endpoint(), &[("REFRESH_MIN_AGE_SECONDS", &min_age)]);
        Self {
            function: refresh::start(env, host.host()).await.unwrap(),
            calls,
            request: None,
        }
    }

    /// Sends an event. Returns once the request reaches the table or is answered.
    pub(crate) async fn send(&mut self, event: Value) -> Reached {
        let function = self.function.clone();
        let request = async move { function::invoke_until(&function, &event, DEADLINE).await };
        let earlier = self.request.replace(tokio::spawn(request));
        assert!(earlier.is_none(), "one request at a time");
        self.next().await
    }

    /// What the request reaches next.
    pub(crate) async fn next(&mut self) -> Reached {
        let request = self.request.as_mut().unwrap();
        tokio::select! {
            Some(held) = self.calls.recv() => Reached::Table(held),
            answer = request => {
                self.request = None;
                Reached::Answer(answer.unwrap())
            }
        }
    }
}

/// A table, a clock, and the instances that use them.
pub(crate) struct Pool {
    pub(crate) slots: Vec<Slot>,
    pub(crate) host: TestHost,
    store: Store,
}

impl Pool {
    pub(crate) async fn start() -> Self {
        let (dynamodb, store) = fixtures::dynamodb().await;
        let host = TestHost::at(fixtures::THEN);
        let mut slots = Vec::new();
        for _ in 0..SLOTS {
            slots.push(Slot::start(dynamodb, &host).await);
        }
        Self { slots, host, store }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.host.now()
    }

    /// A new session: its id, and the root that the first token names.
    pub(crate) async fn sign_in(&self) -> (SessionId, TokenId) {
        let session = NewSession {
            user: "refresh".parse().unwrap(),
            id: SessionId::random(&self.host).unwrap(),
            root: TokenId::random(&self.host).unwrap(),
            epoch: 0,
            created_at: self.now(),
            authentication: Authentication::by_password(self.now()),
            expires_at: fixtures::FAR,
            absolute_expires_at: fixtures::FAR,
            user_agent: None,
            ip: None,
        };
        self.store.open_session(&session).await.unwrap();
        (session.id, session.root)
    }

    pub(crate) async fn session_exists(&self, session: &SessionId) -> bool {
        let user = "refresh".parse().unwrap();
        self.store
            .user_and_session(&user, session)
            .await
            .unwrap()
            .1
            .is_some()
    }
}
