//! Runs a handler as a Lambda service: reads the event, limits the time, catches panics, and logs the outcome once.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
    time::Instant,
};

use futures_util::FutureExt as _;
use gatecrumb_api::{Event, HttpEvent, Kind, Proxy, Unsupported, is_plain, time_left};
use gatecrumb_domain::Clock;
use lambda_http::{Body, Context, LambdaEvent, Service};
use tracing::Instrument as _;

use crate::{Output, Problem, Refusal, Request, Response, response};

/// The code that is specific to one function.
pub trait Handler: Send + Sync + 'static {
    /// The function's name in the logs.
    const NAME: &'static str;

    /// Handles a request.
    fn handle(&self, request: Request) -> impl Future<Output = Result<Response, Refusal>> + Send;
}

/// A handler as a service for Lambda events. Lambda's runtime and the local gateway both call it.
pub struct HttpService<H>(Arc<Inner<H>>);

struct Inner<H> {
    handler: H,
    clock: Arc<dyn Clock>,
    proxy: Option<Proxy>,
}

impl<H: Handler> HttpService<H> {
    /// `proxy`: trusted for the visitor's address.
    #[must_use]
    pub fn new(handler: H, clock: Arc<dyn Clock>, proxy: Option<Proxy>) -> Self {
        Self(Arc::new(Inner {
            handler,
            clock,
            proxy,
        }))
    }

    /// The handler.
    #[must_use]
    pub fn handler(&self) -> &H {
        &self.0.handler
    }
}

impl<H> Clone for HttpService<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H: Handler> Service<LambdaEvent<Event>> for HttpService<H> {
    type Response = Output;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Output, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, LambdaEvent { payload, context, .. }: LambdaEvent<Event>) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            Ok(match payload.0 {
                Kind::Http(event) => response::for_api_gateway(inner.respond(*event, &context).await),
                Kind::Unsupported(event) => response::for_others(refuse(H::NAME, &event, &context)),
            })
        })
    }
}

impl<H: Handler> Inner<H> {
    async fn respond(&self, event: HttpEvent, context: &Context) -> http::Response<Body> {
        let started = Instant::now();
        let request = Request::read(event, self.clock.now(), self.proxy.as_ref());
        let id = request.id.clone();
        let span = tracing::info_span!("request", function = H::NAME, request_id = id);
        async {
            // A panic is a bug. The process and its arena remain usable.
            let handling = AssertUnwindSafe(self.handler.handle(request)).catch_unwind();
            let time_left = time_left(context.deadline, self.clock.now_millis());
            let result = match tokio::time::timeout(time_left, handling).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(Problem::internal("panic").into()),
                Err(_) => Err(Problem::unavailable("no response in time").into()),
            };
            let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            match result {
                Ok(success) => {
                    tracing::info!(event = "answered", status = success.status().as_u16(), millis);
                    response::success(success, &id)
                }
                Err(refusal) => {
                    log_refusal(&refusal, millis);
                    response::refusal(&refusal, &id)
                }
            }
        }
        .instrument(span)
        .await
    }
}

/// Responds to an event that is not API Gateway's. The invocation itself must not fail: Lambda would log only that the event
/// is unreadable, and a ping would trigger the alarm on errors.
fn refuse(function: &'static str, event: &Unsupported, context: &Context) -> http::Response<Body> {
    const EXPECTED: &str = "an API Gateway event of payload format 2.0";
    let ids = [event.request_id.as_deref(), Some(&context.request_id)];
    let id = ids
        .into_iter()
        .flatten()
        .find(|id| is_plain(id))
        .unwrap_or("none");
    let _span = tracing::info_span!("request", function, request_id = id).entered();
    let received = event.description;
    if event.is_ping {
        tracing::info!(event = "pinged", expected = EXPECTED, received);
        return response::success(Response::no_content(), id);
    }
    tracing::error!(event = "event_not_understood", expected = EXPECTED, received);
    response::refusal(&Problem::internal(received).into(), id)
}

/// Refusals are logged as information, faults as errors with their cause, which the response does not contain.
fn log_refusal(refusal: &Refusal, millis: u64) {
    let problem = &refusal.problem;
    let (status, code) = (problem.status(), problem.code());
    match &problem.cause {
        None => tracing::info!(event = "refused", status, code, millis),
        Some(cause) => tracing::error!(event = "failed", status, code, millis, cause),
    }
}
