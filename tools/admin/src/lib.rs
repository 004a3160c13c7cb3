//! The operator's operations: create the table, manage users, list their sessions. No function links this crate.
//!
//! Every change that ends a user's sessions increments the epoch in the same write.

mod account;
mod change;
mod list;
mod sessions;
mod table;
mod users;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{Session, Timestamp, UserId, Username};
use gatecrumb_store::Store;

pub use account::Account;
pub use change::Change;
pub use list::UserPage;
pub use users::{CreateError, NewUser, Profile, RenameError};

/// The operator's operations on a [`Store`].
pub trait Admin {
    /// Creates the table as in `template.yaml` and returns true, or returns false if it exists.
    fn create_table(&self) -> impl Future<Output = Result<bool, Unavailable>> + Send;

    /// The account that signs in with this name.
    fn find_account(
        &self,
        username: &Username,
    ) -> impl Future<Output = Result<Option<Account>, Unavailable>> + Send;

    /// The user with the attributes that only the operator sees.
    fn account(&self, user: &UserId) -> impl Future<Output = Result<Option<Account>, Unavailable>> + Send;

    /// At most `limit` users, sorted by name, of those after the user `after` in the order of the table. `prefix` limits
    /// them to names that begin with it. Reads the entire table, page by page: it is not for functions.
    fn users(
        &self,
        prefix: Option<&Username>,
        after: Option<&UserId>,
        limit: usize,
    ) -> impl Future<Output = Result<UserPage, Unavailable>> + Send;

    /// Creates a user, sets the password and claims the name, in one transaction.
    fn create_user(
        &self,
        user: &NewUser,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), CreateError>> + Send;

    /// Changes a user's sign-in name and frees the old one, in one transaction.
    fn rename_user(
        &self,
        user: &UserId,
        old: &Username,
        new: &Username,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), RenameError>> + Send;

    /// Deletes a user and the password and frees the name, in one transaction. Returns whether the user existed.
    /// Their sessions end at once; TTL deletes the rows later.
    fn delete_user(
        &self,
        user: &UserId,
        username: &Username,
    ) -> impl Future<Output = Result<bool, Unavailable>> + Send;

    /// Changes a user and, if the change requires it, ends their sessions: in one write, or one transaction for a
    /// password. Returns whether the user exists and has the roles from which the change starts.
    fn change_user(
        &self,
        user: &UserId,
        change: &Change,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, Unavailable>> + Send;

    /// The user's sessions, including ended ones that TTL has not deleted yet.
    fn sessions(&self, user: &UserId) -> impl Future<Output = Result<Vec<Session>, Unavailable>> + Send;
}

impl Admin for Store {
    async fn create_table(&self) -> Result<bool, Unavailable> {
        table::create(self.table()).await
    }

    async fn find_account(&self, username: &Username) -> Result<Option<Account>, Unavailable> {
        match self.find_login(username).await? {
            Some(user) => account::get(self.table(), &user).await,
            None => Ok(None),
        }
    }

    async fn account(&self, user: &UserId) -> Result<Option<Account>, Unavailable> {
        account::get(self.table(), user).await
    }

    async fn users(
        &self,
        prefix: Option<&Username>,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<UserPage, Unavailable> {
        list::page(self.table(), prefix, after, limit).await
    }

    async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<(), CreateError> {
        users::create(self.table(), user, now).await
    }

    async fn rename_user(
        &self,
        user: &UserId,
        old: &Username,
        new: &Username,
        now: Timestamp,
    ) -> Result<(), RenameError> {
        users::rename(self.table(), user, old, new, now).await
    }

    async fn delete_user(&self, user: &UserId, username: &Username) -> Result<bool, Unavailable> {
        users::delete(self.table(), user, username).await
    }

    async fn change_user(&self, user: &UserId, change: &Change, now: Timestamp) -> Result<bool, Unavailable> {
        change::apply(self.table(), user, change, now).await
    }

    async fn sessions(&self, user: &UserId) -> Result<Vec<Session>, Unavailable> {
        sessions::list(self.table(), user).await
    }
}
