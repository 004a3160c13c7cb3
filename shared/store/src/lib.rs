//! Users, sessions and the throttle's counters in DynamoDB: one table, whose items and round trips
//! `docs/architecture.md` lists.
//!
//! A condition that fails is an answer, with the row as it was; a conflict with a transaction is retried; whatever else
//! goes wrong is [`Unavailable`](gatecrumb_aws::Unavailable). [`Table`] alone builds requests, the entities are above it.

pub mod keys;
mod passwords;
mod sessions;
pub mod table;
pub mod throttle;
mod users;

use gatecrumb_aws::SdkConfig;

pub use passwords::Credentials;
pub use sessions::{EndReused, NewSession, RotationWrite, read_session};
use table::Table;
pub use users::UserItem;

/// The table's users, sessions and counters.
#[derive(Clone, Debug)]
pub struct Store {
    table: Table,
}

impl Store {
    /// The table of that name, reached as `config` says. Opens no connection yet.
    #[must_use]
    pub fn new(config: &SdkConfig, table: &str) -> Self {
        Self {
            table: Table::new(config, table),
        }
    }

    /// The table itself.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }
}
