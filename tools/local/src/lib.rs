//! An embedded DynamoDB over HTTP, for one machine: the engine is the crate `dynoxide-rs`, the front is ours,
//! because the engine's own would answer every web page that the developer visits.

mod connector;
pub mod fixtures;
mod guard;
mod operations;

use std::{io, net::SocketAddr, path::Path, time::Duration};

use aws_smithy_runtime_api::client::http::HttpConnector;
use axum::{
    Router,
    body::{self, Body},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use dynoxide::{Database, DynoxideError};
use tokio::net::TcpListener;

use connector::Connector;

/// As DynamoDB's own limit for a request.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// A sweep reads the whole table, and nothing hangs on it: DynamoDB itself takes days.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// An embedded DynamoDB.
#[derive(Clone)]
pub struct DynamoDb(Database);

impl DynamoDb {
    /// Kept in memory, gone with the process.
    pub fn in_memory() -> Result<Self, String> {
        Database::memory().map(Self).map_err(|error| error.to_string())
    }

    /// Kept in a SQLite file, created when missing.
    pub fn in_file(path: &Path) -> Result<Self, String> {
        let path = path.to_str().ok_or("the path is not UTF-8")?;
        let open = || {
            let database = Database::new(path)?;
            // The engine's own setting after an import, `synchronous = NORMAL`: no write waits for the disk. What a
            // crash of the process could lose is nothing, of the machine the last writes.
            database.disable_bulk_loading()?;
            Ok::<_, DynoxideError>(Self(database))
        };
        open().map_err(|error| error.to_string())
    }

    /// Answers the DynamoDB API on `listener` until `shutdown` resolves, and sweeps what TTL says is over at
    /// once and then every hour, as the engine does only when asked.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let database = self.0.clone();
        let sweeper = tokio::spawn(async move {
            let mut timer = tokio::time::interval(SWEEP_EVERY);
            loop {
                timer.tick().await;
                Self(database.clone()).sweep().await;
            }
        });
        let app = Router::new().fallback(answer).with_state(self.0);
        let served = axum::serve(listener, app).with_graceful_shutdown(shutdown).await;
        sweeper.abort();
        served
    }

    /// What a client in this process is given instead of a connection: no socket, no other thread.
    #[must_use]
    pub fn connector(&self) -> impl HttpConnector + 'static {
        Connector(self.0.clone())
    }

    /// Deletes what TTL says is over, and says how many items that were.
    pub async fn sweep(self) -> usize {
        match tokio::task::spawn_blocking(move || self.0.sweep_ttl()).await {
            Ok(Ok(swept)) => swept,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the TTL sweep failed");
                0
            }
            Err(_) => 0,
        }
    }

    /// Starts serving on a free loopback port, for as long as the runtime lives; returns the address.
    pub async fn spawn(self) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(self.serve(listener, std::future::pending()));
        Ok(address)
    }
}

async fn answer(State(database): State<Database>, request: Request) -> Response {
    if let Err(refusal) = guard::check(request.headers()) {
        return respond(StatusCode::FORBIDDEN, refusal.to_owned());
    }
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let operation = operations::named(target).to_owned();
    let Ok(body) = body::to_bytes(request.into_body(), MAX_BODY_BYTES).await else {
        return respond(StatusCode::PAYLOAD_TOO_LARGE, String::new());
    };
    // SQLite blocks.
    let run = tokio::task::spawn_blocking(move || operations::run(&database, &operation, &body));
    let (status, json) = run
        .await
        .unwrap_or_else(|_| (500, operations::INTERNAL_ERROR.to_owned()));
    respond(
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        json,
    )
}

fn respond(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
