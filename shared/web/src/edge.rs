use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use http::Response;
use lambda_http::{Body, Context, LambdaEvent, Service, service_fn};
use serde::Serialize;
use tracing::Instrument as _;

use crate::{
    Answer, Config, Event, Host, Problem, Refusal, Request, answer,
    event::{Foreign, HttpEvent, Kind},
    request::is_plain,
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

/// One of the functions: configuration, and an answer to each request.
pub trait Function: Send + Sync + 'static {
    /// Its name in the logs.
    const NAME: &'static str;

    /// What it was configured with.
    fn config(&self) -> &Config;

    /// What it runs on.
    fn host(&self) -> &Host;

    /// Answers a request.
    fn answer(&self, request: Request) -> impl Future<Output = Result<Answer, Refusal>> + Send;
}

/// The function as a service of Lambda's events, for Lambda's runtime and for the local gateway alike.
pub fn edge<F: Function>(
    function: Arc<F>,
) -> impl Service<LambdaEvent<Event>, Response = impl Serialize, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static {
    service_fn(move |LambdaEvent { payload, context, .. }: LambdaEvent<Event>| {
        let function = Arc::clone(&function);
        async move {
            Ok::<_, Infallible>(match payload.0 {
                // Boxed: with the SDK's in it, the future takes some 26 KB.
                Kind::Http(event) => {
                    answer::for_api_gateway(Box::pin(handle(&*function, *event, &context)).await)
                }
                Kind::Foreign(event) => answer::for_others(refuse(F::NAME, &event, &context)),
            })
        }
    })
}

async fn handle<F: Function>(function: &F, event: HttpEvent, context: &Context) -> Response<Body> {
    let started = Instant::now();
    let request = Request::read(
        event,
        function.host().clock.now(),
        function.config().proxy.as_ref(),
    );
    let id = request.id.clone();
    let span = tracing::info_span!("request", function = F::NAME, request_id = id);
    async {
        // A panic is a bug of ours; the process and its arena are fit to go on.
        let answering = AssertUnwindSafe(function.answer(request)).catch_unwind();
        let result =
            match tokio::time::timeout(time_left(context, function.host().clock.now_millis()), answering)
                .await
            {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(Problem::internal("panic").into()),
                Err(_) => Err(Problem::Unavailable("no answer in time".to_owned()).into()),
            };
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match result {
            Ok(answer) => {
                tracing::info!(event = "answered", status = answer.status().as_u16(), millis);
                answer::success(answer, &id)
            }
            Err(refusal) => {
                log_refusal(&refusal, millis);
                answer::refusal(&refusal, &id)
            }
        }
    }
    .instrument(span)
    .await
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
fn refuse(function: &'static str, event: &Foreign, context: &Context) -> Response<Body> {
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
        return answer::success(Answer::no_content(), id);
    }
    tracing::error!(event = "event_not_understood", expected = EXPECTED, came);
    answer::refusal(&Problem::internal(came).into(), id)
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
