//! Connections that are thrown away all at once.
//!
//! After a thaw every idle connection may be dead without having been closed: the peer has forgotten it, and nothing
//! that is sent on it is ever answered. hyper keeps such connections, and a retry would take the next of them.

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

use crate::reply;

/// How long one try may take: connecting, where it has to, and the whole answer. DynamoDB answers in some
/// milliseconds. With the pause before the retry, a new connection and a sign-in's hash, the first answer after every
/// connection died comes within 1.1 s.
pub(crate) const TRY_TIMEOUT: Duration = Duration::from_millis(900);

/// A pool of connections, replaced by an empty one when a call on it fails. Clones share it.
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
    /// A pool whose connections `open` makes. It is called again for each replacement: for TLS that parses the roots
    /// anew, some 0.2 ms after a wait of up to [`TRY_TIMEOUT`].
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

    /// The same pool, which tells by the SDK's clock whether that clock jumped during a call.
    pub(crate) fn with_clock(&self, clock: Option<SharedTimeSource>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            clock,
        }
    }

    /// Sends a request and reads the whole answer.
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let connections = Arc::clone(&self.lock());
        let answer = timeout(TRY_TIMEOUT, read(connections.call(request))).await;
        let answer = answer.unwrap_or_else(|elapsed| Err(ConnectorError::timeout(elapsed.into())));
        if answer.is_err() {
            self.replace(&connections);
        }
        answer
    }

    /// Replaces these connections, unless another call has done so.
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

    /// Sends a call of the SDK's.
    async fn answer(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        // Without a target it is no call, it only opens a connection.
        let is_call = request.headers().contains_key("x-amz-target");
        let sent = self.clock.as_ref().map(SharedTimeSource::now);
        let mut answer = self.exchange(request).await?;
        if let (Some(clock), Some(sent)) = (&self.clock, sent) {
            let took = clock.now().duration_since(sent);
            if took.is_ok_and(|took| took <= 2 * TRY_TIMEOUT) {
                // A clock that did not jump tells the SDK how far it is off.
            } else {
                // The SDK would take half of the jump for an error of the clock, and sign the next call with it.
                answer.headers_mut().remove("date");
            }
        }
        if is_call {
            reply::check(&mut answer)?;
        }
        Ok(answer)
    }
}

async fn read(answer: HttpConnectorFuture) -> Result<HttpResponse, ConnectorError> {
    let mut answer = answer.await?;
    let body = std::mem::replace(answer.body_mut(), SdkBody::taken());
    let body = ByteStream::new(body).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?;
    *answer.body_mut() = SdkBody::from(body.into_bytes());
    Ok(answer)
}

impl HttpConnector for Pool {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().answer(request))
    }
}

/// Not its contents: connections have nothing to show.
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

    /// Never answers, as connections that died in a freeze.
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
            let mut answer = HttpResponse::new(status, SdkBody::from("{}"));
            answer
                .headers_mut()
                .insert("date", "Wed, 25 Nov 2026 04:28:50 GMT");
            HttpConnectorFuture::ready(Ok(answer))
        }
    }

    /// Dead connections at first, good ones for every later pool.
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
        request.headers_mut().insert("x-amz-target", "a call");
        request
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_fail_beside_one_another_replace_the_pool_once() {
        let (pool, opened) = pool();
        let started = Instant::now();
        let (one, two) = tokio::join!(pool.call(request()), pool.call(request()));
        assert!(one.unwrap_err().is_timeout() && two.unwrap_err().is_timeout());
        // The timer is exact to a millisecond.
        assert!(started.elapsed() <= TRY_TIMEOUT + Duration::from_millis(1));
        assert_eq!(opened.load(Ordering::SeqCst), 2);
        pool.call(request()).await.unwrap();
        assert_eq!(opened.load(Ordering::SeqCst), 2);
    }

    /// Each look at it jumps on by so much.
    #[derive(Debug)]
    struct Jumping(Duration, AtomicUsize);

    impl TimeSource for Jumping {
        fn now(&self) -> SystemTime {
            let looks = u32::try_from(self.1.fetch_add(1, Ordering::SeqCst)).unwrap();
            SystemTime::UNIX_EPOCH + self.0 * looks
        }
    }

    #[tokio::test]
    async fn the_sdk_measures_no_clock_that_jumped_during_the_call() {
        for (jump, shown) in [(0, true), (1, true), (600, false)] {
            let clock = SharedTimeSource::new(Jumping(Duration::from_secs(jump), AtomicUsize::new(0)));
            let pool = Pool::new(|| SharedHttpConnector::new(Alive)).with_clock(Some(clock));
            let answer = pool.call(request()).await.unwrap();
            assert_eq!(answer.headers().contains_key("date"), shown, "{jump} s");
        }
    }
}
