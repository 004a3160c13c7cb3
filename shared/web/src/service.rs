//! A handler around which the rest of a request happens: the event is read, time is limited, panics are caught, and
//! what came of it is logged once.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use gatecrumb_domain::Clock;
use lambda_http::{Body, Context, LambdaEvent, Service};
use tracing::Instrument as _;

use crate::{
    Event, Output, Problem, Proxy, Refusal, Request, Response,
    event::{Foreign, HttpEvent, Kind},
    request::is_plain,
    response,
};

/// Lambda kills a function at its deadline and API Gateway then answers for it, without our headers. We answer
/// ourselves this much sooner.
const MARGIN: Duration = Duration::from_millis(500);
/// Nobody waits for longer: API Gateway ends a request after 30 s.
const MAX_TIME: Duration = Duration::from_secs(29);
/// Where no Lambda sets a deadline: in `serve`, in tests and by emulators.
const DEFAULT_TIME: Duration = Duration::from_millis(4300);
/// No invocation lasts for longer, so that a deadline longer ago is no time of day: `cargo lambda watch` sends a number of
/// milliseconds.
const LONGEST_INVOCATION: Duration = Duration::from_secs(15 * 60);

/// What a function does with a request.
pub trait Handler: Send + Sync + 'static {
    /// The function's name in the logs.
    const NAME: &'static str;

    /// Answers a request.
    fn handle(&self, request: Request) -> impl Future<Output = Result<Response, Refusal>> + Send;
}

/// A handler as a service of Lambda's events, for Lambda's runtime and for the local gateway alike.
pub struct HttpService<H>(Arc<Inner<H>>);

struct Inner<H> {
    handler: H,
    clock: Arc<dyn Clock>,
    proxy: Option<Proxy>,
}

impl<H: Handler> HttpService<H> {
    /// `proxy`: whose word counts for the visitor's address.
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
                Kind::Foreign(event) => response::for_others(refuse(H::NAME, &event, &context)),
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
            // A panic is a bug of ours; the process and its arena are fit to go on.
            let handling = AssertUnwindSafe(self.handler.handle(request)).catch_unwind();
            let time_left = time_left(context, self.clock.now_millis());
            let result = match tokio::time::timeout(time_left, handling).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(Problem::internal("panic").into()),
                Err(_) => Err(Problem::Unavailable("no answer in time".to_owned()).into()),
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

/// Until when an answer is of use. Nothing, where the deadline has passed: what needs no waiting is answered even so.
fn time_left(context: &Context, now_millis: u64) -> Duration {
    let deadline = Duration::from_millis(context.deadline);
    let now = Duration::from_millis(now_millis);
    if deadline + LONGEST_INVOCATION < now {
        return DEFAULT_TIME;
    }
    let left = deadline.saturating_sub(now);
    left.saturating_sub(MARGIN).min(MAX_TIME)
}

/// Answers what is no API Gateway event, without an error of the invocation's: Lambda would show only that the event
/// could not be read, and a ping would ring the alarm on errors.
fn refuse(function: &'static str, event: &Foreign, context: &Context) -> http::Response<Body> {
    const EXPECTED: &str = "an API Gateway event of payload format 2.0";
    let ids = [event.request_id.as_deref(), Some(&context.request_id)];
    let id = ids
        .into_iter()
        .flatten()
        .find(|id| is_plain(id))
        .unwrap_or("none");
    let _span = tracing::info_span!("request", function, request_id = id).entered();
    let came = event.came;
    if event.is_ping {
        tracing::info!(event = "pinged", expected = EXPECTED, came);
        return response::success(Response::no_content(), id);
    }
    tracing::error!(event = "event_not_understood", expected = EXPECTED, came);
    response::refusal(&Problem::internal(came).into(), id)
}

/// Refusals are expected; faults are errors, with the cause that the answer does not tell.
fn log_refusal(refusal: &Refusal, millis: u64) {
    let shape = refusal.problem.shape();
    let (status, code) = (shape.status.as_u16(), shape.code);
    match refusal.problem.cause() {
        None => tracing::info!(event = "refused", status, code, millis),
        Some(cause) => tracing::error!(event = "failed", status, code, millis, cause),
    }
}
