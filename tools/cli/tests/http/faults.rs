//! DynamoDB does not answer: 503, no cookie touched, and the next request is served.

use std::{collections::BTreeSet, time::Duration};

use gatecrumb_admin::Admin as _;
use gatecrumb_aws::Connection;
use gatecrumb_domain::UserId;
use gatecrumb_local::DynamoDb;
use gatecrumb_runtime::{Environment, Host};
use gatecrumb_store::Store;
use gatecrumb_testkit::{
    dynamodb_proxy::{DynamoDbProxy, Fault, Faults},
    events::named as event,
    fixtures, function, logs,
};
use gatecrumb_web::{Handler, HttpService};
use serde_json::Value;
use tokio::net::TcpListener;

async fn refused<H: Handler>(function: HttpService<H>, name: &str) {
    let answer = function::invoke(&function, &event(name)).await;
    assert_unavailable(&answer, name);
}

fn assert_unavailable(answer: &Value, name: &str) {
    assert_eq!(answer["statusCode"], 503, "{name}: {answer}");
    assert_eq!(answer["body"]["code"], "unavailable");
    assert_eq!(answer["body"]["retry_after"], 1);
    assert_eq!(answer["headers"]["retry-after"], "1");
    assert_eq!(
        answer["cookies"],
        serde_json::json!([]),
        "{name}: no cookie is cleared or set"
    );
    assert!(
        !answer.to_string().contains("127.0.0.1"),
        "the cause is for the log"
    );
}

#[tokio::test]
async fn every_function_says_unavailable_while_nothing_listens() {
    logs::capture();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let env = || function::environment(&endpoint, &[]);
    refused(
        login::start(env(), Host::lambda()).await.unwrap(),
        "login/success",
    )
    .await;
    refused(
        refresh::start(env(), Host::lambda()).await.unwrap(),
        "refresh/success",
    )
    .await;
    refused(me::start(env(), Host::lambda()).await.unwrap(), "me/success").await;
    refused(
        logout::start(env(), Host::lambda()).await.unwrap(),
        "logout/success",
    )
    .await;
    refused(
        logout::start(env(), Host::lambda()).await.unwrap(),
        "logout/everywhere",
    )
    .await;
}

/// One function with a table of its own behind a proxy that fails.
struct Case<H> {
    function: HttpService<H>,
    /// The event's path in the folder.
    name: &'static str,
    /// The user whose session it has.
    user: &'static str,
    store: Store,
    faults: Faults,
}

impl<H: Handler> Case<H> {
    async fn new<S, E>(
        name: &'static str,
        user: &'static str,
        start: impl FnOnce(Environment, Host) -> S,
    ) -> Self
    where
        S: Future<Output = Result<HttpService<H>, E>>,
        E: std::fmt::Debug,
    {
        let (address, store) = fixtures::dynamodb().await;
        let faults = Faults::default();
        let proxy = DynamoDbProxy::start(address, faults.clone()).await;
        let env = function::environment(&proxy.endpoint(), &[]);
        let function = start(env, Host::lambda()).await.unwrap();
        Self {
            function,
            name,
            user,
            store,
            faults,
        }
    }

    async fn invoke(&self) -> Value {
        function::invoke(&self.function, &event(self.name)).await
    }

    async fn invoke_from(&self, address: &str) -> Value {
        let mut event = event(self.name);
        event["requestContext"]["http"]["sourceIp"] = address.into();
        function::invoke(&self.function, &event).await
    }

    /// Every call fails so: refused within Lambda's time, or served all the same; and served once all is well.
    async fn under(self, fault: Fault) {
        let name = format!("{} under {fault:?}", self.name);
        self.faults.fail(fault, usize::MAX);
        let answer = tokio::time::timeout(LAMBDA, self.invoke()).await;
        let answer = answer.unwrap_or_else(|_| panic!("{name}: no answer in time"));
        if matches!(fault, Fault::Slow(_)) {
            assert!(succeeded(&answer), "{name}: {answer}");
        } else {
            assert_unavailable(&answer, &name);
        }
        self.faults.stop();
        let answer = self.invoke().await;
        assert!(succeeded(&answer), "{name}, afterwards: {answer}");
        self.assert_nothing_doubled(&name, 2).await;
    }

    /// Each operation in turn gets each answer that DynamoDB never gives: refused, no session ended, and served once the
    /// answers are DynamoDB's again.
    async fn malformed(self) {
        drop(self.faults.seen());
        assert!(succeeded(&self.invoke().await), "{}", self.name);
        let operations: BTreeSet<String> = self.faults.seen().into_iter().collect();
        assert!(!operations.is_empty(), "{}", self.name);
        // Each from a network of its own: what could not be taken back must not add up to a wait.
        let mut networks = (0..=255).map(|network| format!("198.51.100.{network}"));
        for operation in &operations {
            for fault in Fault::MALFORMED {
                let address = networks.next().unwrap();
                let name = format!("{}, {operation} with {fault:?}", self.name);
                fixtures::load(&self.store).await.unwrap();
                self.faults.fail_operation(fault, operation);
                let answer = self.invoke_from(&address).await;
                // What only takes a counter back does not hold up a sign-in.
                if !(self.name == "login/success" && succeeded(&answer)) {
                    assert_unavailable(&answer, &name);
                }
                self.faults.stop();
                if !self.name.starts_with("logout/") {
                    let sessions = self.store.sessions(&self.user()).await.unwrap();
                    assert!(!sessions.is_empty(), "{name}: the session is gone");
                }
                let answer = self.invoke_from(&address).await;
                assert!(succeeded(&answer), "{name}, afterwards: {answer}");
            }
        }
    }

    fn user(&self) -> UserId {
        self.user.parse().unwrap()
    }

    /// The first calls alone fail so: served at once.
    async fn after(self, fault: Fault, calls: usize) {
        let name = format!("{} after {calls} × {fault:?}", self.name);
        self.faults.fail(fault, calls);
        let answer = self.invoke().await;
        assert!(succeeded(&answer), "{name}: {answer}");
        self.assert_nothing_doubled(&name, 1).await;
    }

    /// One session a sign-in at most, one epoch an `everywhere`, and a refresh leaves its token in use.
    async fn assert_nothing_doubled(&self, name: &str, requests: usize) {
        let user = self.user();
        let sessions = self.store.sessions(&user).await.unwrap();
        let epoch = self.store.user(&user).await.unwrap().unwrap().session_epoch;
        match self.name {
            "login/success" => assert!(
                (2..=1 + requests).contains(&sessions.len()),
                "{name}: {sessions:?}"
            ),
            "logout/success" => assert!(sessions.is_empty(), "{name}"),
            "logout/everywhere" => assert!(sessions.is_empty() && epoch == 1, "{name}: {epoch}"),
            "refresh/success" => assert_eq!(sessions[0].state.current.as_str(), "first", "{name}"),
            _ => assert_eq!(sessions.len(), 1, "{name}"),
        }
    }
}

/// What Lambda gives to a request.
const LAMBDA: Duration = Duration::from_secs(5);

fn succeeded(answer: &Value) -> bool {
    answer["statusCode"] == 200 || answer["statusCode"] == 204
}

macro_rules! for_each_function {
    ($case:ident => $work:expr) => {{
        let login = async {
            let $case = Case::new("login/success", "login", login::start).await;
            $work.await;
        };
        let refresh = async {
            let $case = Case::new("refresh/success", "refresh", refresh::start).await;
            $work.await;
        };
        let me = async {
            let $case = Case::new("me/success", "me", me::start).await;
            $work.await;
        };
        let logout = async {
            let $case = Case::new("logout/success", "logout", logout::start).await;
            $work.await;
        };
        let everywhere = async {
            let $case = Case::new("logout/everywhere", "everywhere", logout::start).await;
            $work.await;
        };
        tokio::join!(login, refresh, me, logout, everywhere)
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn while_dynamodb_fails_each_function_says_so_in_time_and_loses_nothing() {
    logs::capture();
    for fault in Fault::ALL {
        for_each_function!(case => case.under(fault));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dynamodb_never_says_is_a_fault_and_not_an_absent_item() {
    logs::capture();
    for_each_function!(case => case.malformed());
}

/// More of them than failures are free: whoever signs in while a table fails must not wait for it afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_uses_up_no_attempt() {
    logs::capture();
    for operation in ["GetItem", "BatchGetItem", "PutItem"] {
        let case = Case::new("login/success", "login", login::start).await;
        for _ in 0..6 {
            case.faults.fail_operation(Fault::Says(200, "null"), operation);
            assert_unavailable(&case.invoke().await, operation);
            case.faults.stop();
        }
        let answer = case.invoke().await;
        assert!(succeeded(&answer), "{operation}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_signature_is_made_anew_once() {
    logs::capture();
    let case = Case::new("me/success", "me", me::start).await;
    case.faults.fail(Fault::Signature, 1);
    drop(case.faults.seen());
    assert!(succeeded(&case.invoke().await));
    assert_eq!(case.faults.seen().len(), 2);
    case.faults.fail(Fault::Signature, usize::MAX);
    assert_unavailable(&case.invoke().await, "me");
    assert_eq!(case.faults.seen().len(), 2);
    case.faults.stop();
    for_each_function!(case => case.after(Fault::Signature, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_passes_is_not_noticed() {
    logs::capture();
    let passing = [
        (Fault::Reset, 1),
        (Fault::Internal, 2),
        (Fault::Throttled, 2),
        (Fault::Conflict, 2),
        (Fault::LostAnswer, 1),
    ];
    for (fault, calls) in passing {
        for_each_function!(case => case.after(fault, calls));
    }
}

#[tokio::test]
async fn what_needs_no_table_is_answered_without_one() {
    logs::capture();
    let env = || function::environment("http://127.0.0.1:9", &[]);
    let me = me::start(env(), Host::lambda()).await.unwrap();
    let logout = logout::start(env(), Host::lambda()).await.unwrap();
    assert_eq!(
        function::invoke(&me, &event("me/without-cookies")).await["body"]["code"],
        "not_logged_in"
    );
    let mut event = event("logout/success");
    event.as_object_mut().unwrap().remove("cookies");
    assert_eq!(function::invoke(&logout, &event).await["statusCode"], 204);
}

#[tokio::test]
async fn nothing_is_lost_and_the_next_request_is_served() {
    logs::capture();
    // The port is chosen first and nobody listens there yet.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let endpoint = format!("http://{address}");
    let refresh = refresh::start(function::environment(&endpoint, &[]), Host::lambda())
        .await
        .unwrap();
    assert_eq!(
        function::invoke(&refresh, &event("refresh/success")).await["statusCode"],
        503
    );
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(
        DynamoDb::in_memory()
            .unwrap()
            .serve(listener, std::future::pending()),
    );
    fixtures::load(&Store::new(&Connection::local(&endpoint).dynamodb(), "gatecrumb"))
        .await
        .unwrap();
    assert_eq!(
        function::invoke(&refresh, &event("refresh/success")).await["statusCode"],
        200
    );
}
