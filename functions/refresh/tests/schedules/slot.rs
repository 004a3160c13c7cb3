//! Processes of the real binary, as Lambda would run them at once, each behind a proxy of its own.

use gatecrumb_domain::{SessionId, TokenId};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_store::{NewSession, Store};
use gatecrumb_testkit::{
    dynamodb_proxy::{DynamoDbProxy, Held, Holder},
    fixtures, logs,
    runtime_api::Process,
};
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

/// Three tabs, and the thief.
pub(crate) const SLOTS: usize = 4;
/// Seconds: the schedules' bound for a request's life is less than a third of it.
pub(crate) const MIN_AGE: u64 = 60;

/// One process.
pub(crate) struct Slot {
    events: UnboundedSender<Value>,
    answers: UnboundedReceiver<Value>,
    calls: UnboundedReceiver<Held>,
    process: JoinHandle<String>,
}

/// How far a request has come.
pub(crate) enum Reached {
    Table(Held),
    Answer(Value),
}

impl Slot {
    async fn start(dynamodb: std::net::SocketAddr) -> Self {
        let (holder, calls) = Holder::of(&["BatchGetItem", "UpdateItem", "DeleteItem"]);
        let proxy = DynamoDbProxy::start(dynamodb, holder).await;
        let mut variables = fixtures::variables(&proxy.endpoint());
        variables.push(("REFRESH_MIN_AGE_SECONDS".to_owned(), MIN_AGE.to_string()));
        let mut process = Process::start(env!("CARGO_BIN_EXE_refresh"), &variables).await;
        let (events, mut to_answer) = unbounded_channel();
        let (answered, answers) = unbounded_channel();
        let process = tokio::spawn(async move {
            while let Some(event) = to_answer.recv().await {
                let answer = process.invoke(&event).await;
                if answered.send(answer).is_err() {
                    break;
                }
            }
            process.killed().await
        });
        Self {
            events,
            answers,
            calls,
            process,
        }
    }

    /// Sends an event: what comes of it first.
    pub(crate) async fn send(&mut self, event: Value) -> Reached {
        self.events.send(event).unwrap();
        self.next().await
    }

    /// What comes next of the request under way.
    pub(crate) async fn next(&mut self) -> Reached {
        tokio::select! {
            Some(held) = self.calls.recv() => Reached::Table(held),
            answer = self.answers.recv() => Reached::Answer(answer.unwrap()),
        }
    }
}

/// A table and the processes on it.
pub(crate) struct Pool {
    pub(crate) slots: Vec<Slot>,
    store: Store,
}

impl Pool {
    pub(crate) async fn start() -> Self {
        let (dynamodb, store) = fixtures::dynamodb().await;
        let mut slots = Vec::new();
        for _ in 0..SLOTS {
            slots.push(Slot::start(dynamodb).await);
        }
        Self { slots, store }
    }

    /// A new session: its id, and the root that the first token names.
    pub(crate) async fn sign_in(&self) -> (SessionId, TokenId) {
        let session = NewSession {
            user: "refresh".parse().unwrap(),
            id: SessionId::random(&SystemRandomness).unwrap(),
            root: TokenId::random(&SystemRandomness).unwrap(),
            epoch: 0,
            created_at: now(),
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

    /// Ends the processes, whose logs must show no token.
    pub(crate) async fn stop(self) {
        for Slot { events, process, .. } in self.slots {
            drop(events);
            logs::assert_clean(&process.await.unwrap());
        }
    }
}
