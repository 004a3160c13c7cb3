//! Between the SDK and the embedded DynamoDB: each call on a session waits until the test says what becomes of it,
//! so that a test chooses the order of the writes and loses calls and answers as a network does.

use std::{fmt, net::SocketAddr};

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It takes effect and is answered.
    Pass,
    /// It takes effect, but the connection breaks before the answer: the SDK calls again.
    Unheard,
    /// The connection breaks before it takes effect: the SDK calls again.
    Lost,
}

/// A call that waits.
pub struct Held {
    /// Such as `UpdateItem`.
    pub operation: String,
    verdict: oneshot::Sender<Verdict>,
}

impl Held {
    /// Lets it go.
    pub fn release(self, verdict: Verdict) {
        // Whoever called may have given up by now.
        let _ = self.verdict.send(verdict);
    }
}

/// Closes the connection without a word.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the test breaks the connection")
    }
}

impl std::error::Error for Broken {}

/// Starts one before `upstream`: where it listens, and the calls on sessions as they come. All others pass.
pub async fn gate(upstream: SocketAddr) -> (SocketAddr, mpsc::UnboundedReceiver<Held>) {
    let (calls, held) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, upstream, calls.clone()));
        }
    });
    (address, held)
}

async fn serve(stream: TcpStream, upstream: SocketAddr, calls: mpsc::UnboundedSender<Held>) {
    let service = service_fn(|request| handle(request, upstream, calls.clone()));
    // It ends with an error where the test breaks it.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn handle(
    request: Request<Incoming>,
    upstream: SocketAddr,
    calls: mpsc::UnboundedSender<Held>,
) -> Result<Response<Full<Bytes>>, Broken> {
    // What has no target only opens the connection.
    let target = request.headers().get("x-amz-target");
    let target = target.map_or("", |target| target.to_str().unwrap());
    let operation = target.rsplit('.').next().unwrap().to_owned();
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    let mut verdict = Verdict::Pass;
    if matches!(operation.as_str(), "BatchGetItem" | "UpdateItem" | "DeleteItem") {
        let (release, released) = oneshot::channel();
        let held = Held {
            operation,
            verdict: release,
        };
        // Without the test there is nobody to wait for.
        calls.send(held).map_err(|_| Broken)?;
        verdict = released.await.unwrap_or(Verdict::Lost);
    }
    if verdict == Verdict::Lost {
        return Err(Broken);
    }
    let answer = forward(Request::from_parts(parts, Full::from(body)), upstream).await;
    if verdict == Verdict::Pass {
        Ok(answer)
    } else {
        Err(Broken)
    }
}

async fn forward(mut request: Request<Full<Bytes>>, upstream: SocketAddr) -> Response<Full<Bytes>> {
    *request.uri_mut() = format!("http://{upstream}/").parse().unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (parts, body) = client.request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, Full::from(body))
}
