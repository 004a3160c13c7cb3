//! An embedded DynamoDB for one machine. The engine is the crate `dynoxide-rs`. The HTTP server is our own, because the
//! engine's server accepts requests from every web page that the developer visits.

mod connector;
mod instance;
mod operations;
mod storage_fault;
mod web_pages;

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

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
pub use instance::{CHALLENGE, Instance};
pub use storage_fault::StorageFault;

/// DynamoDB's limit for a request.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// A sweep reads the whole table and is not urgent: DynamoDB itself deletes expired items within days.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// An embedded DynamoDB.
#[derive(Clone)]
pub struct DynamoDb {
    engine: Engine,
    instance: Option<Instance>,
}

/// The engine with the path of its file, which error messages name; `None` in memory.
#[derive(Clone)]
struct Engine {
    database: Database,
    file: Option<Arc<Path>>,
}

/// The server's state.
struct Server {
    engine: Engine,
    instance: Option<Instance>,
}

impl DynamoDb {
    /// In memory: the tables are lost when the process ends.
    pub fn in_memory() -> Result<Self, String> {
        let database = Database::memory().map_err(|error| error.to_string())?;
        Ok(Self::of(database, None))
    }

    /// In a SQLite file, which is created if it does not exist.
    pub fn in_file(path: &Path) -> Result<Self, StorageFault> {
        let text = path.to_str().ok_or_else(|| StorageFault::not_utf8(path))?;
        let open = || {
            let database = Database::new(text)?;
            // Sets `synchronous = NORMAL`, the engine's setting after an import: no write waits for the disk. If the
            // process crashes, nothing is lost; if the machine crashes, the last writes can be lost.
            database.disable_bulk_loading()?;
            operations::remove_half_made_tables(&database)?;
            Ok::<_, DynoxideError>(database)
        };
        let database = open().map_err(|error| StorageFault::opening(path, &error))?;
        Ok(Self::of(database, Some(path.into())))
    }

    fn of(database: Database, file: Option<Arc<Path>>) -> Self {
        Self {
            engine: Engine { database, file },
            instance: None,
        }
    }

    /// With an identity, which [`Self::serve`] proves on request. Refuses requests that are meant for another instance.
    #[must_use]
    pub fn with_instance(self, instance: Instance) -> Self {
        Self {
            instance: Some(instance),
            ..self
        }
    }

    /// Serves the DynamoDB API on `listener` until `shutdown` resolves. Deletes expired items (TTL) at the start and then
    /// every hour, because the engine does not.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let swept = self.clone();
        let sweeper = tokio::spawn(async move {
            let mut timer = tokio::time::interval(SWEEP_EVERY);
            loop {
                timer.tick().await;
                swept.clone().sweep().await;
            }
        });
        let state = Arc::new(Server {
            engine: self.engine,
            instance: self.instance,
        });
        let app = Router::new().fallback(handle).with_state(state);
        let served = axum::serve(listener, app).with_graceful_shutdown(shutdown).await;
        sweeper.abort();
        served
    }

    /// A connector for SDK clients in this process: it uses no socket and no other thread.
    #[must_use]
    pub fn connector(&self) -> impl HttpConnector + 'static {
        Connector(self.engine.clone())
    }

    /// Deletes expired items (TTL). Returns their number, or 0 after a failure, which is logged.
    pub async fn sweep(self) -> usize {
        match tokio::task::spawn_blocking(move || self.engine.database.sweep_ttl()).await {
            Ok(Ok(swept)) => swept,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the TTL sweep failed");
                0
            }
            Err(_) => 0,
        }
    }

    /// Serves on a free loopback port until the runtime shuts down. Returns the address.
    pub async fn spawn(self) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(self.serve(listener, std::future::pending()));
        Ok(address)
    }
}

async fn handle(State(server): State<Arc<Server>>, request: Request) -> Response {
    if let Err(refusal) = web_pages::refuse(request.headers()) {
        return respond(StatusCode::FORBIDDEN, refusal.to_owned());
    }
    let own = server.instance.as_ref();
    if let Some((status, proof)) = instance::response(own, request.headers()) {
        return respond(status, proof);
    }
    if instance::is_for_another(own, request.headers()) {
        return respond(StatusCode::FORBIDDEN, operations::ANOTHER_INSTANCE.to_owned());
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
    let run = tokio::task::spawn_blocking(move || server.engine.run(&operation, &body));
    let internal_error = || (500, operations::INTERNAL_ERROR.to_owned());
    let (status, json) = match run.await {
        Ok(Ok(response)) => response,
        Ok(Err(fault)) => {
            tracing::error!("{fault}");
            internal_error()
        }
        Err(_) => internal_error(),
    };
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
