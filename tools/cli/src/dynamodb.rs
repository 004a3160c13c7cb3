//! The embedded DynamoDB of this machine, alone by `gatecrumb dynamodb` or as a part of `serve`.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::Args;
use gatecrumb_admin::{Admin as _, NewUser, Profile};
use gatecrumb_aws::Connection;
use gatecrumb_domain::{PasswordVersion, Roles, UserId, Username};
use gatecrumb_local::{DynamoDb, fixtures};
use gatecrumb_passwords::{Cost, Password};
use gatecrumb_runtime::{Environment, SystemRandomness, log, now};
use gatecrumb_store::Store;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    Failure,
    listen::{listen, local_address, reachable},
    output, password,
    state::{Lock, State},
    stop::{stop_asked_for, stopped},
    table::LOCAL_TABLE,
};

pub(crate) const DEMO_USER: &str = "demo";
pub(crate) const DEMO_PASSWORD: &str = "correct horse battery staple";

/// Where the embedded DynamoDB listens and what it keeps.
#[derive(Args, Clone, Debug)]
#[group(id = "dynamodb")]
pub struct Options {
    /// Port of the DynamoDB API
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub dynamodb_port: u16,
    /// Address on which the DynamoDB API listens; for containers on Linux that of Docker's bridge
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub dynamodb_host: IpAddr,
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
    pub(crate) fn keeps_state(&self) -> bool {
        !self.memory && !self.fixtures
    }

    /// In words, for the terminal.
    pub(crate) fn kept(&self) -> String {
        if self.keeps_state() {
            format!("kept in {}/", self.state.display())
        } else {
            "kept in memory only".to_owned()
        }
    }
}

/// The local table with its port and its directory taken.
pub(crate) struct LocalTable {
    pub(crate) address: SocketAddr,
    /// How programs on this machine reach it.
    pub(crate) endpoint: String,
    /// Where it is kept, if it is.
    pub(crate) state: Option<State>,
    _lock: Option<Lock>,
}

impl LocalTable {
    pub(crate) async fn bind(options: &Options) -> Result<(Self, TcpListener), Failure> {
        let state = options.keeps_state().then(|| State::at(&options.state));
        let lock = state.as_ref().map(take).transpose()?;
        let at = SocketAddr::new(options.dynamodb_host, options.dynamodb_port);
        let listener = listen(at, "--dynamodb-port").await?;
        let address = local_address(&listener)?;
        let endpoint = format!("http://{}:{}", reachable(address), address.port());
        if let Some(state) = &state {
            state.announce_endpoint(&endpoint)?;
        }
        Ok((
            Self {
                address,
                endpoint,
                state,
                _lock: lock,
            },
            listener,
        ))
    }

    pub(crate) fn open(&self) -> Result<DynamoDb, Failure> {
        let database = match &self.state {
            Some(state) => DynamoDb::in_file(&state.create_table_file()?),
            None => DynamoDb::in_memory(),
        };
        database.map_err(|error| Failure::new(format!("cannot open the local DynamoDB: {error}")))
    }
}

/// Creates the table if it is not there, with the demo user or the fixtures; says whether the demo user is
/// new, whose password's hash costs `cost`.
pub(crate) async fn fill(options: &Options, store: &Store, cost: Cost) -> Result<bool, Failure> {
    if options.fixtures {
        fixtures::load(store).await.map_err(Failure::new)?;
        return Ok(false);
    }
    if !store.create_table().await? {
        return Ok(false);
    }
    create_demo_user(store, cost).await
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    log::init_readable(io::stderr);
    log::redact_panics();
    let (table, listener) = LocalTable::bind(&options).await?;
    let (stop, stopping) = watch::channel(false);
    let served = tokio::spawn(table.open()?.serve(listener, stopped(stopping)));
    let store = Store::new(&Connection::local(&table.endpoint).dynamodb(), LOCAL_TABLE);
    let cost = login::password_cost(&Environment::of_process())?;
    fill(&options, &store, cost).await?;
    output::say(format!(
        "DynamoDB is running on http://{}, table {LOCAL_TABLE}, {}\n\nCtrl-C stops it.",
        table.address,
        options.kept()
    ));
    stop_asked_for().await;
    output::say("\nstopping");
    // Nobody listens any more only when it has stopped already.
    let _ = stop.send(true);
    match served.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Failure::new(format!("while stopping: {error}"))),
        Err(error) => Err(Failure::new(format!("while stopping: {error}"))),
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

async fn create_demo_user(store: &Store, cost: Cost) -> Result<bool, Failure> {
    let user = NewUser {
        id: UserId::random(&SystemRandomness)?,
        username: Username::parse(DEMO_USER)?,
        password_hash: password::hash(Password::chosen(DEMO_PASSWORD)?, cost).await?,
        password_version: PasswordVersion::random(&SystemRandomness)?,
        profile: Profile {
            email: Some("demo@example.com".to_owned()),
            name: Some("Demo User".to_owned()),
        },
        roles: Roles::try_from(vec!["reader".parse()?])?,
    };
    store.create_user(&user, now()).await?;
    Ok(true)
}
