use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
    time::Instant,
};

use futures_util::FutureExt as _;
use gatecrumb_api::{AuthorizerEvent, AuthorizerRequest, is_plain, time_left};
use gatecrumb_domain::Clock;
use gatecrumb_tokens::guard::GuardSettings;
use http::Method;
use lambda_runtime::{LambdaEvent, Service};
use tracing::Instrument as _;

use crate::{Decision, Denied, Fault, Identity, Policy, Undecided};

/// An authorizer as a service for Lambda events.
pub struct Authorizer<P>(Arc<Inner<P>>);

struct Inner<P> {
    settings: GuardSettings,
    policy: P,
    clock: Arc<dyn Clock>,
}

impl<P> Authorizer<P> {
    pub(crate) fn new(settings: GuardSettings, policy: P, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            settings,
            policy,
            clock,
        }))
    }
}

impl<P> Clone for Authorizer<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Policy> Service<LambdaEvent<AuthorizerEvent>> for Authorizer<P> {
    type Response = Decision;
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Decision, Fault>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, LambdaEvent { payload, context, .. }: LambdaEvent<AuthorizerEvent>) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            let AuthorizerEvent(event) = payload;
            let request = event.as_ref().ok();
            let ids = [
                request.and_then(|request| request.request_id.as_deref()),
                Some(&context.request_id),
            ];
            let id = ids
                .into_iter()
                .flatten()
                .find(|id| is_plain(id))
                .unwrap_or("none");
            let span = tracing::info_span!("request", function = P::NAME, request_id = id);
            inner.respond(event, context.deadline).instrument(span).await
        })
    }
}

impl<P: Policy> Inner<P> {
    /// Decides, and logs the outcome once.
    async fn respond(
        &self,
        event: Result<AuthorizerRequest, gatecrumb_api::NotARequest>,
        deadline: u64,
    ) -> Result<Decision, Fault> {
        let started = Instant::now();
        let outcome = match event {
            Err(other) => Err(Undecided::Fault(Fault::Event(other))),
            Ok(request) => {
                let deciding = AssertUnwindSafe(self.decide(&request)).catch_unwind();
                match tokio::time::timeout(time_left(deadline, self.clock.now_millis()), deciding).await {
                    Ok(Ok(decided)) => decided,
                    Ok(Err(_)) => Err(Undecided::Fault(Fault::Panic)),
                    Err(_) => Err(Undecided::Fault(Fault::Late)),
                }
            }
        };
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match outcome {
            Ok(identity) => {
                tracing::info!(event = "authorized", millis);
                Ok(Decision::allow(identity))
            }
            Err(Undecided::Denied(reason)) => {
                tracing::info!(event = "denied", %reason, millis);
                Ok(Decision::deny())
            }
            Err(Undecided::Fault(fault)) => {
                tracing::error!(event = "failed", cause = %fault, millis);
                Err(fault)
            }
        }
    }

    async fn decide(&self, request: &AuthorizerRequest) -> Result<Identity, Undecided> {
        let now = self.clock.now();
        // An unreadable method counts as one that changes state.
        let method = request.method.as_deref().unwrap_or_default();
        let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::POST);
        let token = self
            .settings
            .token(&method, request.headers(), now)
            .map_err(Denied::from)?;
        self.policy.identify(token, now).await
    }
}

impl From<Denied> for Undecided {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}
