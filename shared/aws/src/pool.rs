//! A connection pool that is discarded as a whole.
//!
//! After a thaw, every idle connection may be dead but not closed: the peer has dropped it and never responds. hyper
//! keeps such connections, and a retry would use the next one.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use tokio::time::timeout;

use crate::response;

/// Limits one try, including a new connection and the whole response. DynamoDB responds within milliseconds. When every
/// connection is dead, a sign-in takes up to 1.1 s: this timeout, the pause before the retry, a new connection and the
/// hash.
pub(crate) const TRY_TIMEOUT: Duration = Duration::from_millis(900);

/// A connection pool that is replaced by an empty one when a call fails. Clones share it.
#[derive(Clone)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
    clock: Option<SharedTimeSource>,
}

struct Shared {
    open: Box<dyn Fn() -> SharedHttpConnector + Send + Sync>,
    connections: Mutex<Arc<SharedHttpConnector>>,
}

impl Pool {
    /// `open` creates the connections, and again at each replacement. With TLS it parses the roots, which takes about
    /// 0.2 ms after a wait of up to [`TRY_TIMEOUT`].
    pub(crate) fn new(open: impl Fn() -> SharedHttpConnector + Send + Sync + 'static) -> Self {
        let connections = Mutex::new(Arc::new(open()));
        Self {
            shared: Arc::new(Shared {
                open: Box::new(open),
                connections,
            }),
            clock: None,
        }
    }

    /// The same pool with the SDK's clock, to detect jumps of that clock during a call.
    pub(crate) fn with_clock(&self, clock: Option<SharedTimeSource>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            clock,
        }
    }

    /// Sends a request and reads the whole response.
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let connections = Arc::clone(&self.lock());
        let response = timeout(TRY_TIMEOUT, read(connections.call(request))).await;
        let response = response.unwrap_or_else(|elapsed| Err(ConnectorError::timeout(elapsed.into())));
        if response.is_err() {
            self.replace(&connections);
        }
        response
    }

    /// Replaces the connections unless another call has already done so.
    fn replace(&self, failed: &Arc<SharedHttpConnector>) {
        let mut connections = self.lock();
        if Arc::ptr_eq(&connections, failed) {
            *connections = Arc::new((self.shared.open)());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Arc<SharedHttpConnector>> {
        let connections = self.shared.connections.lock();
        connections.unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a call of the SDK and checks its response.
    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        // A request without a target only opens a connection.
        let is_call = request.headers().contains_key("x-amz-target");
        let sent = self.clock.as_ref().map(SharedTimeSource::now);
        let mut response = self.exchange(request).await?;
        if let (Some(clock), Some(sent)) = (&self.clock, sent) {
            let took = clock.now().duration_since(sent);
            if took.is_ok_and(|took| took <= 2 * TRY_TIMEOUT) {
                // Without a jump, the SDK measures the clock's skew by this header.
            } else {
                // The SDK would mistake half of the jump for clock skew and sign the next call with it.
                response.headers_mut().remove("date");
            }
        }
        if is_call {
            response::check(&mut response)?;
        }
        Ok(response)
    }
}

async fn read(response: HttpConnectorFuture) -> Result<HttpResponse, ConnectorError> {
    let mut response = response.await?;
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let body = ByteStream::new(body).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?;
    *response.body_mut() = SdkBody::from(body.into_bytes());
    Ok(response)
}

impl HttpConnector for Pool {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

/// Connectors have no useful fields.
impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::SystemTime,
    };

    use aws_smithy_async::time::TimeSource;
    use aws_smithy_runtime_api::http::StatusCode;
    use tokio::time::Instant;

    use super::*;

    /// Never responds, like connections that died during a freeze.
    #[derive(Debug)]
    struct Dead;

    impl HttpConnector for Dead {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            HttpConnectorFuture::new(std::future::pending())
        }
    }

    #[derive(Debug)]
    struct Alive;

    impl HttpConnector for Alive {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            let status = StatusCode::try_from(200).unwrap();
            let mut response = HttpResponse::new(status, SdkBody::from("{}"));
            response
                .headers_mut()
                .insert("date", "Wed, 25 Nov 2026 04:28:50 GMT");
            HttpConnectorFuture::ready(Ok(response))
        }
    }

    /// Opens dead connections first and good ones for every later pool.
    fn pool() -> (Pool, Arc<AtomicUsize>) {
        let opened = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&opened);
        let pool = Pool::new(move || match counter.fetch_add(1, Ordering::SeqCst) {
            0 => SharedHttpConnector::new(Dead),
            _ => SharedHttpConnector::new(Alive),
        });
        (pool, opened)
    }

    fn request() -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.headers_mut().insert("x-amz-target", "an operation");
        request
    }

    #[tokio::test(start_paused = true)]
    async fn parallel_failures_replace_the_pool_once() {
        let (pool, opened) = pool();
        let started = Instant::now();
        let (one, two) = tokio::join!(pool.call(request()), pool.call(request()));
        assert!(one.unwrap_err().is_timeout() && two.unwrap_err().is_timeout());
        // Tokio's timer has a resolution of one millisecond.
        assert!(started.elapsed() <= TRY_TIMEOUT + Duration::from_millis(1));
        assert_eq!(opened.load(Ordering::SeqCst), 2);
        pool.call(request()).await.unwrap();
        assert_eq!(opened.load(Ordering::SeqCst), 2);
    }

    /// Each reading is later than the one before by this much.
    #[derive(Debug)]
    struct Jumping(Duration, AtomicUsize);

    impl TimeSource for Jumping {
        fn now(&self) -> SystemTime {
            let readings = u32::try_from(self.1.fetch_add(1, Ordering::SeqCst)).unwrap();
            SystemTime::UNIX_EPOCH + self.0 * readings
        }
    }

    #[tokio::test]
    async fn a_clock_jump_during_a_call_hides_the_date_from_the_sdk() {
        for (jump, shown) in [(0, true), (1, true), (600, false)] {
            let clock = SharedTimeSource::new(Jumping(Duration::from_secs(jump), AtomicUsize::new(0)));
            let pool = Pool::new(|| SharedHttpConnector::new(Alive)).with_clock(Some(clock));
            let response = pool.call(request()).await.unwrap();
            assert_eq!(response.headers().contains_key("date"), shown, "{jump} s");
        }
    }
}
