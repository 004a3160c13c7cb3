use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use http::Response;
use lambda_http::{
    Adapter, Body, LambdaEvent, Service, request::LambdaRequest, service_fn, tower::ServiceExt as _,
};
use serde::Serialize;
use tracing::Instrument as _;

use crate::{Answer, Config, Problem, Refusal, Request, answer, clock, event};

/// Lambda kills a function after 5 s and API Gateway then answers for it, without our headers. Sooner than that
/// we answer ourselves.
const DEADLINE: Duration = Duration::from_millis(4300);

/// One of the functions: configuration, and an answer to each request.
pub trait Function: Send + Sync + 'static {
    /// Its name in the logs.
    const NAME: &'static str;

    /// What it was configured with.
    fn config(&self) -> &Config;

    /// Answers a request.
    fn answer(&self, request: Request) -> impl Future<Output = Result<Answer, Refusal>> + Send;
}

/// The function as a service of API Gateway events (payload format 2.0), for Lambda's runtime and for the local
/// gateway alike.
pub fn edge<F: Function>(
    function: Arc<F>,
) -> impl Service<LambdaEvent<LambdaRequest>, Response = impl Serialize, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static {
    let handler = service_fn(move |request: lambda_http::Request| {
        let function = Arc::clone(&function);
        async move { Ok::<_, Infallible>(handle(&*function, request).await) }
    });
    Adapter::from(handler).map_request(event::mend)
}

async fn handle<F: Function>(function: &F, request: lambda_http::Request) -> Response<Body> {
    let started = Instant::now();
    let request = Request::read(request, clock::now(), function.config().proxy.as_ref());
    let id = request.id.clone();
    let span = tracing::info_span!("request", function = F::NAME, request_id = id);
    async {
        // A panic is a bug of ours; the process and its arena are fit to go on.
        let answering = AssertUnwindSafe(function.answer(request)).catch_unwind();
        let result = match tokio::time::timeout(DEADLINE, answering).await {
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

/// Refusals are expected; faults are errors, with the cause that the answer does not tell.
fn log_refusal(refusal: &Refusal, millis: u64) {
    let shape = refusal.problem.shape();
    let (status, code) = (shape.status.as_u16(), shape.code);
    match refusal.problem.cause() {
        None => tracing::info!(event = "refused", status, code, millis),
        Some(cause) => tracing::error!(event = "failed", status, code, millis, cause),
    }
}
