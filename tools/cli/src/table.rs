//! The table that a command works on.

use gatecrumb_admin::Admin as _;
use gatecrumb_aws::{Connection, Http};
use gatecrumb_local::DynamoDb;
use gatecrumb_store::Store;

use crate::{
    Failure, aws,
    cli::Target,
    state::{Lock, State},
};

pub(crate) const LOCAL_TABLE: &str = "gatecrumb";

/// An open table. Dropping it releases the lock of the state directory.
pub(crate) struct Table {
    pub(crate) store: Store,
    _lock: Option<Lock>,
}

impl Table {
    /// Opens the table on AWS, or the local one: through `serve` if that is running, else from its file.
    pub(crate) async fn open(target: &Target) -> Result<Self, Failure> {
        if let Some(name) = &target.table {
            return Ok(Self {
                store: Store::new(&aws::config().await?, name),
                _lock: None,
            });
        }
        let state = State::at(&target.state);
        let lock = state.lock()?;
        let connection = if lock.is_some() {
            let database = DynamoDb::in_file(&state.create_table_file()?).map_err(Failure::new)?;
            // Without a socket: every user of the machine could connect to a port.
            let mut connection = Connection::local("http://localhost");
            connection.http = Http::embedded(database.connector());
            connection
        } else {
            Connection::local(&state.announced_endpoint()?)
        };
        let store = Store::new(&connection.dynamodb(), LOCAL_TABLE);
        store.create_table().await?;
        Ok(Self { store, _lock: lock })
    }
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
            state: state.clone(),
            json: false,
        };
        let table = Table::open(&target).await.unwrap();
        let nobody = gatecrumb_domain::Username::parse("nobody").unwrap();
        assert!(table.store.find_login(&nobody).await.unwrap().is_none());
        assert!(listening().is_empty());
        drop(table);
        fs::remove_dir_all(state).unwrap();
    }
}
