//! `gatecrumb serve`: everything on this machine.

mod banner;
mod cors;
mod event;
mod gateway;
mod page;
mod settings;

use std::{io, net::SocketAddr};

use clap::Args;
use gatecrumb_aws::Http;
use gatecrumb_runtime::{Config, Host, log};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    Failure, LocalKeys,
    dynamodb::{self, LocalTable},
    listen::{listen, local_address, taken},
    local_issuer, local_keys, output,
    state::State,
    stop::{stop_asked_for, stopped},
};

pub use settings::Settings;

/// The arguments of `serve`.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Port of the four endpoints and of the page, on localhost
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// The embedded DynamoDB.
    #[command(flatten)]
    pub dynamodb: dynamodb::Options,
}

/// All of it running.
pub struct Server {
    /// Where the endpoints are.
    pub address: SocketAddr,
    /// Where the DynamoDB API is.
    pub dynamodb: SocketAddr,
    /// The demo user was created by this start.
    created_demo: bool,
    issuer: String,
    origins: Vec<String>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<io::Result<()>>,
    _table: LocalTable,
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    log::init_readable(io::stderr);
    log::redact_panics();
    let server = Server::start(&options, Settings::of_process()).await?;
    output::say(banner::text(&options, &server));
    stop_asked_for().await;
    output::say("\nstopping");
    server.stop().await
}

impl Server {
    /// Starts everything and returns once it answers.
    pub async fn start(options: &Options, settings: Settings) -> Result<Self, Failure> {
        // Both ports before anything is written: a taken one must leave nothing behind.
        let listeners = listen_on_localhost(options.port).await?;
        let address = local_address(&listeners[0])?;
        let (table, listener) = LocalTable::bind(&options.dynamodb).await?;
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let database = table.open()?;
        // One for all of them, as a process has one pool of connections.
        let http = Http::embedded(database.connector());
        tasks.spawn(database.serve(listener, stopped(stopping.clone())));

        let env = if options.dynamodb.fixtures {
            settings.fixtures(&table.endpoint)
        } else {
            let state = table.state.as_ref();
            let device_keys = local_keys::device_keys(state)?;
            let issuer = state.map_or_else(local_issuer::generate, local_issuer::load_or_make)?;
            settings.local(
                address.port(),
                &table.endpoint,
                &load_keys(state)?,
                &device_keys,
                issuer,
            )
        };
        let host = Host {
            http: Some(http),
            hash_threads: std::thread::available_parallelism().map_or(1, usize::from),
            ..Host::lambda()
        };
        let config = Config::read(&env)?.on(&host);
        let cost = login::password_cost(&env)?;
        let created_demo = dynamodb::fill(&options.dynamodb, &config.store(), cost).await?;
        let issuer = config.issuer.clone();
        let origins: Vec<String> = config.allowed_origins.iter().map(str::to_owned).collect();
        let (login, refresh, me, logout) = tokio::try_join!(
            login::start(env.clone(), host.clone()),
            refresh::start(env.clone(), host.clone()),
            me::start(env.clone(), host.clone()),
            logout::start(env, host),
        )?;
        let gateway = gateway::router(gateway::Functions {
            allowed_origins: config.allowed_origins,
            login,
            refresh,
            me,
            logout,
        });
        for listener in listeners {
            let app = gateway
                .clone()
                .into_make_service_with_connect_info::<SocketAddr>();
            let served = axum::serve(listener, app).with_graceful_shutdown(stopped(stopping.clone()));
            tasks.spawn(async move { served.await });
        }
        Ok(Self {
            address,
            dynamodb: table.address,
            created_demo,
            issuer,
            origins,
            stop,
            tasks,
            _table: table,
        })
    }

    /// Stops accepting, lets requests under way finish, and returns.
    pub async fn stop(mut self) -> Result<(), Failure> {
        // Nobody listens any more only when everything has stopped already.
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

fn load_keys(state: Option<&State>) -> Result<LocalKeys, Failure> {
    let Some(state) = state else {
        return LocalKeys::generate();
    };
    if let Some(keys) = LocalKeys::load(state)? {
        return Ok(keys);
    }
    let keys = LocalKeys::generate()?;
    keys.save(state)?;
    Ok(keys)
}

/// Both loopback addresses: what `localhost` means differs from program to program. A machine may have no IPv6.
async fn listen_on_localhost(port: u16) -> Result<Vec<TcpListener>, Failure> {
    let v4 = listen(SocketAddr::from(([127, 0, 0, 1], port)), "--port").await?;
    let same_port = local_address(&v4)?.port();
    match TcpListener::bind(SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], same_port))).await {
        Ok(v6) => Ok(vec![v4, v6]),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => Err(taken(port, "--port")),
        Err(_) => Ok(vec![v4]),
    }
}
