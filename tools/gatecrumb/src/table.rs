//! The table that a command works on.

use aws_config::BehaviorVersion;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use gatecrumb_local::DynamoDb;
use gatecrumb_store::{Connection, SdkConfig, Store};

use crate::{
    Failure,
    cli::Place,
    state::{Lock, State},
};

/// The name of the local table.
pub(crate) const LOCAL_TABLE: &str = "gatecrumb";

/// A table, open for as long as this lives.
pub(crate) struct Table {
    pub(crate) store: Store,
    _lock: Option<Lock>,
}

impl Table {
    /// The table on AWS that was named; or the local one, through `serve` when that runs, else from its file.
    pub(crate) async fn open(place: &Place) -> Result<Self, Failure> {
        if let Some(name) = &place.table {
            return Ok(Self {
                store: Store::new(&aws().await?, name),
                _lock: None,
            });
        }
        let state = State::at(&place.state);
        let lock = state.lock()?;
        let endpoint = if lock.is_some() {
            let database = DynamoDb::in_file(&state.table_file()).map_err(Failure::new)?;
            let address = database.spawn().await;
            let address =
                address.map_err(|error| Failure::new(format!("cannot serve the table: {error}")))?;
            format!("http://{address}")
        } else {
            state.announced_endpoint()?
        };
        let store = Store::new(&Connection::local(&endpoint).dynamodb(), LOCAL_TABLE);
        store.create_table().await?;
        Ok(Self { store, _lock: lock })
    }
}

/// The usual AWS settings: environment, profiles, SSO, the metadata services.
pub(crate) async fn aws() -> Result<SdkConfig, Failure> {
    // The system's roots: a company's proxy may be among them.
    let client = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client)
        .load()
        .await;
    if config.region().is_none() {
        return Err(Failure::new(
            "no AWS region is set: set AWS_REGION, or region in your profile",
        ));
    }
    Ok(config)
}
