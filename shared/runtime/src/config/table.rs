//! `TABLE_NAME`.

use gatecrumb_aws::Connection;
use gatecrumb_store::Store;

use crate::{ConfigError, Environment};

/// The name of the DynamoDB table.
pub struct Table(String);

/// Reads `TABLE_NAME`.
pub fn read(env: &Environment) -> Result<Table, ConfigError> {
    env.required("TABLE_NAME", "set it to the name of the DynamoDB table")
        .map(Table)
}

impl Table {
    /// A client for the table.
    #[must_use]
    pub fn store(&self, connection: &Connection) -> Store {
        Store::new(&connection.dynamodb(), &self.0)
    }

    /// A client for the table, and this number of open connections. The connections open while the client is built, which
    /// is slow because the SDK reads its endpoint rules.
    pub async fn connect(&self, connection: &Connection, connections: usize) -> Store {
        let ((), store) = tokio::join!(
            biased;
            connection.warm_up(connections),
            async { self.store(connection) },
        );
        store
    }
}
