//! Users, sessions and the throttle's counters in one DynamoDB table. `docs/architecture.md` lists its items and the
//! round trips of each function.
//!
//! A failed condition is a result and returns the row. A conflict with a transaction is retried. Any other error is
//! [`Unavailable`](gatecrumb_aws::Unavailable). Only [`Table`] builds requests.

pub mod counters;
pub mod keys;
mod passwords;
mod sessions;
pub mod table;
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
    /// The table `table`, reached with `config`. Opens no connection yet.
    #[must_use]
    pub fn new(config: &SdkConfig, table: &str) -> Self {
        Self {
            table: Table::new(config, table),
        }
    }

    /// The table, for requests that no method here makes.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }
}
