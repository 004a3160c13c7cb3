//! An HTTP proxy between the SDK and DynamoDB. A [`Handler`] decides what happens to each call: it passes the call on,
//! fails it, holds it, loses its response, or changes it.

mod fault;
mod hold;
mod record;
mod split;

use std::{
    collections::HashSet,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::body::{Body, Bytes, to_bytes};
pub use fault::{Fault, Faults};
pub use hold::{Held, Holder, Verdict};
use hyper::{
    Request, Response, body::Incoming, header, http::request::Parts, server::conn::http1, service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
pub use record::Recorder;
use serde_json::Value;
pub use split::SplitBatches;
use tokio::net::{TcpListener, TcpStream};

/// The response to a call, or the end of its connection.
pub type Reply = Result<Response<Body>, Disconnect>;

/// Closes the connection without a response.
#[derive(Debug)]
pub struct Disconnect;

impl fmt::Display for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the test closes the connection")
    }
}

impl std::error::Error for Disconnect {}

/// Decides what happens to each call. A closure from [`Call`] to a future of [`Reply`] is a handler.
pub trait Handler: Send + Sync + 'static {
    /// Replies to a call, with or without passing it on.
    fn handle(&self, call: Call) -> impl Future<Output = Reply> + Send;
}

impl<F, R> Handler for F
where
    F: Fn(Call) -> R + Send + Sync + 'static,
    R: Future<Output = Reply> + Send,
{
    fn handle(&self, call: Call) -> impl Future<Output = Reply> + Send {
        self(call)
    }
}

/// A call to DynamoDB.
pub struct Call {
    /// Such as `PutItem`.
    pub operation: String,
    parts: Parts,
    body: Bytes,
    upstream: Upstream,
}

impl Call {
    /// The request.
    #[must_use]
    pub fn request(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Passes it on. Returns DynamoDB's response.
    pub async fn pass(self) -> Reply {
        self.upstream.send(self.parts, self.body).await
    }

    /// Calls the same operation with another request. Returns the status and body of DynamoDB's response.
    pub async fn send_instead(&self, request: &Value) -> Result<(u16, Value), Disconnect> {
        let mut parts = self.parts.clone();
        parts.headers.remove(header::CONTENT_LENGTH);
        let response = self.upstream.send(parts, request.to_string().into()).await?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.map_err(|_| Disconnect)?;
        let answer = serde_json::from_slice(&body).map_err(|_| Disconnect)?;
        Ok((parts.status.as_u16(), answer))
    }
}

/// A proxy in front of DynamoDB.
pub struct DynamoDbProxy {
    address: SocketAddr,
    connections: Arc<Mutex<Connections>>,
}

#[derive(Default)]
struct Connections {
    accepted: usize,
    /// Connections with a lower number get no further responses.
    frozen: usize,
    tried: HashSet<usize>,
}

impl DynamoDbProxy {
    /// Starts a proxy in front of `upstream`. `handler` gets each call. A request that is no call, such as the one that
    /// only opens a connection, is passed on.
    pub async fn start(upstream: SocketAddr, handler: impl Handler) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<Mutex<Connections>>::default();
        let accepting = Arc::clone(&connections);
        let handler = Arc::new(handler);
        let upstream = Upstream {
            address: upstream,
            client: Client::builder(TokioExecutor::new()).build_http(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut connections = accepting.lock().unwrap();
                let connection = Connection {
                    number: connections.accepted,
                    all: Arc::clone(&accepting),
                    upstream: upstream.clone(),
                    handler: Arc::clone(&handler),
                };
                connections.accepted += 1;
                drop(connections);
                tokio::spawn(connection.serve(stream));
            }
        });
        Self { address, connections }
    }

    /// Its URL.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Existing connections stay open but get no further responses, as after a freeze on Lambda.
    pub fn freeze(&self) {
        let mut connections = self.connections.lock().unwrap();
        connections.frozen = connections.accepted;
    }

    /// The number of connections opened so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.connections.lock().unwrap().accepted
    }

    /// The number of frozen connections on which a request was sent.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.connections.lock().unwrap().tried.len()
    }
}

struct Connection<H> {
    number: usize,
    all: Arc<Mutex<Connections>>,
    upstream: Upstream,
    handler: Arc<H>,
}

impl<H: Handler> Connection<H> {
    async fn serve(self, stream: TcpStream) {
        let service = service_fn(|request| self.reply(request));
        // Returns an error when a handler disconnects.
        let _ = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn reply(&self, request: Request<Incoming>) -> Reply {
        if self.is_frozen() {
            return std::future::pending().await;
        }
        let (parts, body) = request.into_parts();
        let body = to_bytes(Body::new(body), usize::MAX)
            .await
            .map_err(|_| Disconnect)?;
        let Some(target) = parts.headers.get("x-amz-target") else {
            return self.upstream.send(parts, body).await;
        };
        let operation = target.to_str().unwrap().rsplit('.').next().unwrap().to_owned();
        let call = Call {
            operation,
            parts,
            body,
            upstream: self.upstream.clone(),
        };
        self.handler.handle(call).await
    }

    fn is_frozen(&self) -> bool {
        let mut all = self.all.lock().unwrap();
        let is_frozen = self.number < all.frozen;
        if is_frozen {
            all.tried.insert(self.number);
        }
        is_frozen
    }
}

/// The DynamoDB behind a proxy.
#[derive(Clone)]
struct Upstream {
    address: SocketAddr,
    client: Client<HttpConnector, Body>,
}

impl Upstream {
    /// Sends a request and reads the whole response.
    async fn send(&self, mut parts: Parts, body: Bytes) -> Reply {
        parts.uri = format!("http://{}/", self.address).parse().unwrap();
        let request = Request::from_parts(parts, Body::from(body));
        let response = self.client.request(request).await.map_err(|_| Disconnect)?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(Body::new(body), usize::MAX)
            .await
            .map_err(|_| Disconnect)?;
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}
