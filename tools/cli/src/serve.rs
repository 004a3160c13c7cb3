//! `gatecrumb serve`: the functions, the gateway and DynamoDB in one process.

mod banner;
mod settings;

use std::{io, net::SocketAddr, sync::Arc};

use clap::Args;
use gatecrumb_aws::Http;
use gatecrumb_local::{functions, gateway};
use gatecrumb_runtime::{Host, SystemRandomness, config, log};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    Failure, KeySet,
    demo::Demo,
    dynamodb::{self, LocalTable},
    listen::{listen, local_address, port_in_use},
    local_issuer, local_keys, output,
    state::State,
    stop::{Signals, stopped},
};

pub use settings::Settings;

/// The arguments of `serve`.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Port of the endpoints and the page, on localhost
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// The embedded DynamoDB.
    #[command(flatten)]
    pub dynamodb: dynamodb::Options,
}

/// A running `serve`.
pub struct Server {
    /// The address of the endpoints.
    pub address: SocketAddr,
    /// The address of the DynamoDB API.
    pub dynamodb: SocketAddr,
    /// Whether the demo user can sign in; `None` with the fixtures.
    demo: Option<Demo>,
    issuer: String,
    origins: Vec<String>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<io::Result<()>>,
    table: LocalTable,
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    log::init_readable(io::stderr);
    log::redact_panics();
    let mut signals = Signals::listen()?;
    let server = tokio::select! {
        server = Server::start(&options, Settings::of_process()) => server?,
        () = signals.next() => return Ok(()),
    };
    output::line(banner::text(&server));
    signals.next().await;
    output::line("\nstopping");
    signals.or_again(server.stop()).await
}

impl Server {
    /// Returns when all endpoints accept requests.
    pub async fn start(options: &Options, settings: Settings) -> Result<Self, Failure> {
        // Bind both ports before writing anything: if one is in use, no file is left behind.
        let listeners = listen_on_localhost(options.port).await?;
        let address = local_address(&listeners[0])?;
        let (mut table, listener) = LocalTable::bind(&options.dynamodb).await?;
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let database = table.open()?;
        // All functions share the connector.
        let http = Http::embedded(database.connector());
        tasks.spawn(database.serve(listener, stopped(stopping.clone())));

        let env = if options.dynamodb.fixtures {
            settings.fixtures(&table.endpoint)
        } else {
            let state = table.state.as_ref();
            let device_keys = local_keys::device_keys(state)?;
            let issuer = state.map_or_else(local_issuer::generate, local_issuer::load_or_create)?;
            settings.local(
                address.port(),
                &table.endpoint,
                &load_keys(state)?,
                &device_keys,
                issuer,
            )
        };
        let host = Host {
            clock: Arc::clone(&settings.clock),
            http: Some(http),
            hash_threads: std::thread::available_parallelism().map_or(1, usize::from),
            ..Host::lambda()
        };
        let connection = config::aws::read(&env, &host)?;
        let store = config::table::read(&env)?.store(&connection);
        let cost = login::password_cost(&env)?;
        let demo = table.fill(&options.dynamodb, &store, cost).await?;
        let issuer = config::tokens::read(&env)?.issuer;
        let allowed_origins = config::origins::read(&env)?;
        let origins: Vec<String> = allowed_origins.iter().map(str::to_owned).collect();
        let functions = functions::start(&env, &host).await?;
        let gateway = gateway::router(functions, allowed_origins);
        for listener in listeners {
            let app = gateway
                .clone()
                .into_make_service_with_connect_info::<SocketAddr>();
            let served = axum::serve(listener, app).with_graceful_shutdown(stopped(stopping.clone()));
            tasks.spawn(async move { served.await });
        }
        table.announce()?;
        Ok(Self {
            address,
            dynamodb: table.address,
            demo,
            issuer,
            origins,
            stop,
            tasks,
            table,
        })
    }

    /// Stops accepting connections and waits for the requests in progress.
    pub async fn stop(mut self) -> Result<(), Failure> {
        // Fails only if every task has stopped already.
        let _ = self.stop.send(true);
        while let Some(task) = self.tasks.join_next().await {
            match task {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(Failure::new(format!("while stopping: {error}"))),
                Err(error) => return Err(Failure::new(format!("while stopping: {error}"))),
            }
        }
        Ok(())
    }
}

fn load_keys(state: Option<&State>) -> Result<KeySet, Failure> {
    state.map_or_else(
        || Ok(KeySet::generate(&SystemRandomness)?),
        local_keys::load_or_create,
    )
}

/// Both loopback addresses: programs resolve `localhost` to either one. A machine without IPv6 has only the first.
async fn listen_on_localhost(port: u16) -> Result<Vec<TcpListener>, Failure> {
    let v4 = listen(SocketAddr::from(([127, 0, 0, 1], port)), "--port").await?;
    let same_port = local_address(&v4)?.port();
    match TcpListener::bind(SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], same_port))).await {
        Ok(v6) => Ok(vec![v4, v6]),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => {
            Err(port_in_use(port, "--port"))
        }
        Err(_) => Ok(vec![v4]),
    }
}
