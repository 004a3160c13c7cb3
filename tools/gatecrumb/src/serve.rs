//! `gatecrumb serve`: everything on this machine.

mod banner;
mod cors;
mod event;
mod gateway;
mod page;
mod settings;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Args;
use gatecrumb_local::DynamoDb;
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_store::{
    Store, Username,
    admin::{NewUser, Profile},
};
use gatecrumb_tokens::{Roles, UserId};
use gatecrumb_web::{
    Config, SigningConfig,
    clock::now,
    log::{self, Format},
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    Failure, LocalKeys, output, password,
    state::{Lock, State},
};

pub use settings::Settings;

const DEMO_USER: &str = "demo";
const DEMO_PASSWORD: &str = "correct horse battery staple";

/// The arguments of `serve`.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Port of the four endpoints and of the page, on localhost
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// Port of the DynamoDB API
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub dynamodb_port: u16,
    /// Address on which the DynamoDB API listens; 0.0.0.0 lets containers reach it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub dynamodb_host: std::net::IpAddr,
    /// Keep nothing: table and keys are gone when it stops
    #[arg(long)]
    pub memory: bool,
    /// Load the rows and keys that the files in events/ were made for; implies --memory
    #[arg(long)]
    pub fixtures: bool,
    /// Where table and keys are kept
    #[arg(long, value_name = "DIR", default_value = ".gatecrumb")]
    pub state: PathBuf,
}

impl Options {
    fn keeps_state(&self) -> bool {
        !self.memory && !self.fixtures
    }
}

/// All of it running.
pub struct Server {
    /// Where the endpoints are.
    pub address: SocketAddr,
    /// Where the DynamoDB API is.
    pub dynamodb: SocketAddr,
    /// The demo user was created by this start.
    created_demo: bool,
    origins: Vec<String>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<io::Result<()>>,
    _lock: Option<Lock>,
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    log::init(Format::Readable, io::stderr);
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
        let state = options.keeps_state().then(|| State::at(&options.state));
        let lock = state.as_ref().map(take).transpose()?;
        // Both ports before anything is written: a taken one must leave nothing behind.
        let listeners = listen_on_localhost(options.port).await?;
        let dynamodb_at = SocketAddr::new(options.dynamodb_host, options.dynamodb_port);
        let dynamodb_listener = listen(dynamodb_at, "--dynamodb-port").await?;
        let (address, dynamodb) = (local_address(&listeners[0])?, local_address(&dynamodb_listener)?);
        let endpoint = format!("http://{}:{}", reachable(dynamodb), dynamodb.port());
        if let Some(state) = &state {
            state.announce_endpoint(&endpoint)?;
        }

        let database = match &state {
            Some(state) => DynamoDb::in_file(&state.table_file()),
            None => DynamoDb::in_memory(),
        };
        let database =
            database.map_err(|error| Failure::new(format!("cannot open the local DynamoDB: {error}")))?;
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(database.serve(dynamodb_listener, stopped(stopping.clone())));

        let (env, keys) = if options.fixtures {
            (settings.fixtures(&endpoint), None)
        } else {
            let keys = load_keys(state.as_ref())?;
            (settings.local(address.port(), &endpoint, &keys), Some(keys))
        };
        let config = || Config::read(&env);
        let signing = SigningConfig::read(&env)?;
        let store = config()?.store();
        let created_demo = if options.fixtures {
            gatecrumb_local::fixtures::load(&store)
                .await
                .map_err(Failure::new)?;
            false
        } else {
            store.create_table().await? && create_demo_user(&store).await?
        };
        drop(keys);

        let (login_config, refresh_config) = (config()?, config()?);
        let (login_signer, refresh_signer) = (
            signing.signer(&login_config).await?,
            signing.signer(&refresh_config).await?,
        );
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        let origins: Vec<String> = login_config.allowed_origins.iter().map(str::to_owned).collect();
        let gateway = gateway::router(gateway::Functions {
            allowed_origins: login_config.allowed_origins.clone(),
            login: Arc::new(login::Login::new(
                login_config,
                login_signer,
                Hasher::new(settings.cost, at_once),
            )),
            refresh: Arc::new(refresh::Refresh::new(refresh_config, refresh_signer)),
            me: Arc::new(me::Me::new(config()?)),
            logout: Arc::new(logout::Logout::new(config()?)),
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
            dynamodb,
            created_demo,
            origins,
            stop,
            tasks,
            _lock: lock,
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

fn take(state: &State) -> Result<Lock, Failure> {
    state.lock()?.ok_or_else(|| {
        let directory = state.directory().display();
        Failure::new(format!(
            "another gatecrumb uses {directory}: stop it, or give this one --memory or another --state"
        ))
    })
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

async fn create_demo_user(store: &Store) -> Result<bool, Failure> {
    let user = NewUser {
        id: UserId::random()?,
        username: Username::parse(DEMO_USER)?,
        password_hash: password::hash(Password::chosen(DEMO_PASSWORD)?).await?,
        profile: Profile {
            email: Some("demo@example.com".to_owned()),
            name: Some("Demo User".to_owned()),
        },
        roles: Roles::try_from(vec!["reader".parse()?])?,
    };
    store.create_user(&user, now()).await?;
    Ok(true)
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

async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => taken(address.port(), option),
            _ => Failure::new(format!("cannot listen on {address}: {error}")),
        })
}

fn taken(port: u16, option: &str) -> Failure {
    Failure::new(format!(
        "port {port} is taken: stop what listens there, or choose another one with {option}"
    ))
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::new(format!("cannot tell the port: {error}")))
}

/// Where this machine reaches what listens on all of its addresses.
fn reachable(address: SocketAddr) -> String {
    match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the server.
    let _ = stopping.wait_for(|&stop| stop).await;
}

async fn stop_asked_for() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}

/// The hash's cost when `serve` is told no other.
pub(crate) fn default_cost() -> Cost {
    Cost::default()
}
