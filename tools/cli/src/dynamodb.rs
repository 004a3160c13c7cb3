//! The embedded DynamoDB: alone with `gatecrumb dynamodb`, or as part of `serve`.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::Args;
use gatecrumb_admin::Admin as _;
use gatecrumb_aws::Connection;
use gatecrumb_local::{DynamoDb, Instance, fixtures};
use gatecrumb_passwords::Cost;
use gatecrumb_runtime::{Environment, SystemRandomness, log};
use gatecrumb_store::Store;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    Failure,
    demo::{self, Demo},
    listen::{listen, local_address, reachable},
    output,
    state::{Announced, Endpoint, Holder, Lock, State},
    stop::{Signals, stopped},
    table::LOCAL_TABLE,
};

/// Where the embedded DynamoDB listens and stores the table.
#[derive(Args, Clone, Debug)]
#[group(id = "dynamodb")]
pub struct Options {
    /// Port of the DynamoDB API
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub dynamodb_port: u16,
    /// Address of the DynamoDB API; for containers on Linux, the address of Docker's bridge
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub dynamodb_host: IpAddr,
    /// Keep table and keys in memory only: they are lost when it stops
    #[arg(long)]
    pub memory: bool,
    /// Load the rows and keys that the files in events/ need; implies --memory
    #[arg(long)]
    pub fixtures: bool,
    /// Create the demo user if there is none; the first start does it without this option
    #[arg(long, conflicts_with = "fixtures")]
    pub demo: bool,
    /// Directory of the table and the keys; default: the nearest .gatecrumb/ here or above, or a new one here
    #[arg(long, value_name = "DIR", conflicts_with_all = ["memory", "fixtures"])]
    pub state: Option<PathBuf>,
}

impl Options {
    pub(crate) fn keeps_state(&self) -> bool {
        !self.memory && !self.fixtures
    }
}

/// The local table. It owns its port and holds the lock of its state directory.
pub(crate) struct LocalTable {
    pub(crate) address: SocketAddr,
    /// The URL for programs on this machine.
    pub(crate) endpoint: String,
    /// `None` if the table is kept in memory.
    pub(crate) state: Option<State>,
    instance: Instance,
    // Dropped in this order: nobody is sent to a port that no longer serves this directory.
    announced: Option<Announced>,
    _lock: Option<Lock>,
}

impl LocalTable {
    /// Binds the port before it writes anything.
    pub(crate) async fn bind(options: &Options) -> Result<(Self, TcpListener), Failure> {
        let at = SocketAddr::new(options.dynamodb_host, options.dynamodb_port);
        let listener = listen(at, "--dynamodb-port").await?;
        let address = local_address(&listener)?;
        let state = if options.keeps_state() {
            Some(State::locate(options.state.as_deref())?)
        } else {
            None
        };
        let lock = match &state {
            Some(state) => Some(lock(state).await?),
            None => None,
        };
        Ok((
            Self {
                address,
                endpoint: format!("http://{}:{}", reachable(address), address.port()),
                state,
                instance: Instance::random(&SystemRandomness)?,
                announced: None,
                _lock: lock,
            },
            listener,
        ))
    }

    pub(crate) fn open(&self) -> Result<DynamoDb, Failure> {
        let database = if let Some(state) = &self.state {
            if !state.has_table() {
                state.begin_first_start()?;
            }
            DynamoDb::in_file(&state.create_table_file()?).map_err(|fault| Failure::new(fault.to_string()))?
        } else {
            DynamoDb::in_memory()
                .map_err(|error| Failure::new(format!("cannot open the local DynamoDB: {error}")))?
        };
        Ok(database.with_instance(self.instance.clone()))
    }

    /// Sends other commands here. Call it when the table is served and complete.
    pub(crate) fn announce(&mut self) -> Result<(), Failure> {
        if let Some(state) = &self.state {
            self.announced = Some(state.announce(&Endpoint {
                url: self.endpoint.clone(),
                instance: self.instance.clone(),
            })?);
        }
        Ok(())
    }

    /// For the terminal, such as `kept in .gatecrumb/`.
    pub(crate) fn kept(&self) -> String {
        match &self.state {
            Some(state) => format!("kept in {}/", state.directory().display()),
            None => "kept in memory only".to_owned(),
        }
    }

    /// Creates the table if there is none, and adds the fixtures or the demo user, whose password is hashed at `cost`.
    /// Returns whether the demo user can sign in; `None` with the fixtures.
    pub(crate) async fn fill(
        &self,
        options: &Options,
        store: &Store,
        cost: Cost,
    ) -> Result<Option<Demo>, Failure> {
        if options.fixtures {
            fixtures::load(store).await.map_err(Failure::new)?;
            return Ok(None);
        }
        store.create_table().await?;
        // A table in memory is always new.
        let first = self.state.as_ref().is_none_or(State::is_first_start);
        let created = (first || options.demo) && demo::create(store, cost).await?;
        if let Some(state) = &self.state {
            state.complete_first_start()?;
        }
        if created {
            return Ok(Some(Demo::Created));
        }
        demo::check(store, cost).await.map(Some)
    }
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    log::init_readable(io::stderr);
    log::redact_panics();
    let mut signals = Signals::listen()?;
    let (mut table, listener) = LocalTable::bind(&options).await?;
    let (stop, stopping) = watch::channel(false);
    let server = tokio::spawn(table.open()?.serve(listener, stopped(stopping)));
    let store = Store::new(&Connection::local(&table.endpoint).dynamodb(), LOCAL_TABLE);
    let cost = login::password_cost(&Environment::of_process())?;
    let demo = table.fill(&options, &store, cost).await?;
    table.announce()?;
    let mut lines = vec![format!(
        "DynamoDB is running on http://{}, table {LOCAL_TABLE}, {}",
        table.address,
        table.kept()
    )];
    lines.extend(demo.map(|demo| format!("demo user: {}", demo.text())));
    lines.push("\nCtrl-C stops it.".to_owned());
    output::line(lines.join("\n"));
    signals.next().await;
    output::line("\nstopping");
    // Fails only if the server has stopped already.
    let _ = stop.send(true);
    let ended = async {
        match server.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::new(format!("while stopping: {error}"))),
            Err(error) => Err(Failure::new(format!("while stopping: {error}"))),
        }
    };
    signals.or_again(ended).await
}

async fn lock(state: &State) -> Result<Lock, Failure> {
    match state.holder().await? {
        Holder::Us(lock) => Ok(lock),
        Holder::Server(_) => Err(Failure::new(format!(
            "another gatecrumb uses {}: stop it, or start this one with --memory or a different --state",
            state.directory().display()
        ))),
    }
}
