use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::{
    interceptors::context::InterceptorContext,
    orchestrator::HttpResponse,
    retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority},
};

use crate::response::{SignatureRejected, rejects_signature};

/// The pauses before each retry after a conflict. A transaction takes milliseconds.
const CONFLICT_BACKOFF: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(60),
    Duration::from_millis(150),
];

/// Calls up to five times while the call conflicts with a transaction, and once more if its signature was rejected: the
/// clock may have jumped after signing, as it does when Lambda thaws a function. The client's retry classifiers must
/// include [`SignatureRetryClassifier`].
///
/// `is_conflict` returns whether another transaction on the same item caused the error.
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
        // The SDK's futures take about 8 KB each, and a sign-in makes several calls in parallel.
        let result = Box::pin(call()).await;
        let Err(SdkError::ServiceError(error)) = &result else {
            return result;
        };
        let error = error.err();
        if is_conflict(error)
            && let Some(&pause) = backoff.next()
        {
            tokio::time::sleep(pause).await;
        } else if rejects_signature(error.code()) && !signed_again {
            signed_again = true;
        } else {
            return result;
        }
    }
}

/// Stops the SDK from retrying a call whose signature was rejected. [`send`] retries it, once.
#[derive(Debug)]
pub struct SignatureRetryClassifier;

impl ClassifyRetry for SignatureRetryClassifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let response = context.response();
        match response.and_then(|response| response.extension::<SignatureRejected>()) {
            Some(_) => RetryAction::RetryForbidden,
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "SignatureRetryClassifier"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::default()
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{error::ErrorMetadata, operation::get_item::GetItemError};
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// The number of calls that `send` makes if they fail with these codes, the last one repeated.
    async fn calls(codes: &[&str]) -> usize {
        let mut calls = 0;
        let result: Result<(), _> = send(
            |error: &GetItemError| error.code() == Some("Conflict"),
            || {
                let code = codes.get(calls).or(codes.last()).copied().unwrap();
                calls += 1;
                let error = GetItemError::generic(ErrorMetadata::builder().code(code).build());
                let response = HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
                std::future::ready(Err(SdkError::service_error(error, response)))
            },
        )
        .await;
        assert!(result.is_err());
        calls
    }

    #[tokio::test(start_paused = true)]
    async fn conflicts_are_retried_four_times_and_a_rejected_signature_once() {
        assert_eq!(calls(&["ValidationException"]).await, 1);
        assert_eq!(calls(&["Conflict"]).await, 5);
        assert_eq!(calls(&["InvalidSignatureException"]).await, 2);
        assert_eq!(calls(&["RequestExpired", "Conflict"]).await, 6);
        assert_eq!(
            calls(&["Conflict", "RequestExpired", "ValidationException"]).await,
            3
        );
    }
}
