//! The table that a command works on.

use std::sync::Once;

use gatecrumb_admin::Admin as _;
use gatecrumb_aws::{Connection, Credentials, Http};
use gatecrumb_local::DynamoDb;
use gatecrumb_store::Store;

use crate::{
    Failure, aws,
    cli::Target,
    output,
    state::{Holder, Lock, Origin, State},
};

/// A command may open the table twice.
static NOTE: Once = Once::new();

pub(crate) const LOCAL_TABLE: &str = "gatecrumb";

/// What a command does if there is no local table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Access {
    /// It fails: it reads or changes what must exist already. It creates no file.
    Existing,
    /// It creates the table.
    Create,
}

/// An open table. Dropping it releases the lock of the state directory.
pub(crate) struct Table {
    pub(crate) store: Store,
    _lock: Option<Lock>,
}

impl Table {
    /// Opens the table on AWS, or the local one: through `serve` if that is running, else from its file. Says on standard
    /// error which local table that is, unless it is obvious.
    pub(crate) async fn open(target: &Target, access: Access) -> Result<Self, Failure> {
        if let Some(name) = &target.table {
            return Ok(Self {
                store: Store::new(&aws::config().await?, name),
                _lock: None,
            });
        }
        let state = State::locate(target.state.as_deref())?;
        if access == Access::Existing && !state.exists() {
            return Err(missing(&state));
        }
        let (connection, lock) = match state.holder().await? {
            Holder::Us(lock) => {
                if access == Access::Existing && !state.has_table() {
                    return Err(missing(&state));
                }
                let database = DynamoDb::in_file(&state.create_table_file()?);
                let database = database.map_err(|fault| Failure::new(fault.to_string()))?;
                // Without a socket: every user of the machine could connect to a port.
                let mut connection = Connection::local("http://localhost");
                connection.http = Http::embedded(database.connector());
                (connection, Some(lock))
            }
            Holder::Server(endpoint) => {
                let mut connection = Connection::local(&endpoint.url);
                // No other server accepts it, should one listen there from now on.
                connection.credentials =
                    Credentials::from_keys(endpoint.instance.access_key_id(), "local", None);
                (connection, None)
            }
        };
        if let Some(note) = note(&state, lock.is_none()) {
            NOTE.call_once(|| output::error(note));
        }
        let store = Store::new(&connection.dynamodb(), LOCAL_TABLE);
        store.create_table().await?;
        Ok(Self { store, _lock: lock })
    }
}

/// Which table the command uses, for who did not name it: `serve --memory` or a `serve` in another directory has another.
fn note(state: &State, served: bool) -> Option<String> {
    let directory = state.full_path();
    let directory = directory.display();
    match (state.origin(), served) {
        (Origin::Given, _) | (Origin::Here, true) => None,
        (Origin::Here | Origin::Above, false) => Some(format!(
            "note: using the table in {directory}, on which no `gatecrumb serve` is running"
        )),
        (Origin::Above | Origin::New, true) => Some(format!("note: using the table in {directory}")),
        (Origin::New, false) => Some(format!(
            "note: created {directory} with a new table, on which no `gatecrumb serve` is running"
        )),
    }
}

fn missing(state: &State) -> Failure {
    let place = match state.origin() {
        Origin::New => "no .gatecrumb/ in this directory or above it has one".to_owned(),
        _ => format!("{} has none", state.directory().display()),
    };
    Failure::new(format!(
        "there is no local table yet: {place}. Create one with `gatecrumb serve` or `gatecrumb user create`, or name \
         another directory with --state, or a table on AWS with --table"
    ))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    /// The inodes of the sockets on which this process listens.
    fn listening() -> BTreeSet<String> {
        let mut listening = BTreeSet::new();
        for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
            let text = fs::read_to_string(table).unwrap_or_default();
            let lines = text
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>());
            // State 0A is LISTEN; the tenth field is the inode.
            listening.extend(
                lines
                    .filter(|line| line[3] == "0A")
                    .map(|line| line[9].to_owned()),
            );
        }
        let own = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        let own = own.filter_map(|entry| fs::read_link(entry.path()).ok());
        let own = own.filter_map(|link| {
            let link = link
                .to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?
                .to_owned();
            listening.contains(&link).then_some(link)
        });
        own.collect()
    }

    #[tokio::test]
    async fn a_command_opens_no_port() {
        let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(listening().len(), 1, "the probe is visible");
        drop(probe);
        let state = std::env::temp_dir().join(format!("gatecrumb-table-{}", std::process::id()));
        let target = Target {
            table: None,
            state: Some(state.clone()),
            json: false,
        };
        let table = Table::open(&target, Access::Create).await.unwrap();
        let nobody = gatecrumb_domain::Username::parse("nobody").unwrap();
        assert!(table.store.find_login(&nobody).await.unwrap().is_none());
        assert!(listening().is_empty());
        drop(table);
        fs::remove_dir_all(state).unwrap();
    }
}
