use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::{
    interceptors::context::InterceptorContext,
    orchestrator::HttpResponse,
    retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority},
};

use crate::reply::{SignatureRefused, refuses_signature};

/// A conflict with a transaction is over as soon as that transaction is: some milliseconds.
const CONFLICT_BACKOFF: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(60),
    Duration::from_millis(150),
];

/// Calls until the call meets no conflict, five times at most, and once more when its signature was refused: the clock
/// may have jumped since it was signed, as it does when Lambda thaws a function. The client must have
/// [`OneSignatureMore`] among its retry classifiers.
///
/// `is_conflict` says of an error whether another transaction on the same item caused it.
pub async fn send<T, E, F>(
    is_conflict: impl Fn(&E) -> bool,
    mut call: impl FnMut() -> F,
) -> Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let mut backoff = CONFLICT_BACKOFF.iter();
    let mut signed_again = false;
    loop {
        // The SDK's futures take some 8 KB each, and a sign-in makes several calls at once.
        let answer = Box::pin(call()).await;
        let Err(SdkError::ServiceError(error)) = &answer else {
            return answer;
        };
        let error = error.err();
        if is_conflict(error)
            && let Some(&pause) = backoff.next()
        {
            tokio::time::sleep(pause).await;
        } else if refuses_signature(error.code()) && !signed_again {
            signed_again = true;
        } else {
            return answer;
        }
    }
}

/// Keeps the SDK from repeating a call whose signature was refused: [`send`] does so, once.
#[derive(Debug)]
pub struct OneSignatureMore;

impl ClassifyRetry for OneSignatureMore {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let answer = context.response();
        match answer.and_then(|answer| answer.extension::<SignatureRefused>()) {
            Some(_) => RetryAction::RetryForbidden,
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "OneSignatureMore"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::default()
    }
}
