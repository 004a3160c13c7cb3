//! `TABLE_NAME`.

use gatecrumb_aws::Connection;
use gatecrumb_store::Store;

use crate::{ConfigError, Environment};

/// The DynamoDB table.
pub struct Table(String);

/// The DynamoDB table.
pub fn read(env: &Environment) -> Result<Table, ConfigError> {
    env.required("TABLE_NAME", "set it to the name of the DynamoDB table")
        .map(Table)
}

impl Table {
    /// A client of the table.
    #[must_use]
    pub fn store(&self, connection: &Connection) -> Store {
        Store::new(&connection.dynamodb(), &self.0)
    }

    /// A client of the table, and so many open connections. Making the client takes as long as anything else in a start
    /// (the SDK reads its endpoint rules), so that it happens while the connections are opened.
    pub async fn connect(&self, connection: &Connection, connections: usize) -> Store {
        let ((), store) = tokio::join!(
            biased;
            connection.warm_up(connections),
            async { self.store(connection) },
        );
        store
    }
}
