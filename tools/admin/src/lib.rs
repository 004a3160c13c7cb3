//! What only an operator may do: create the table, manage users, list their sessions. No function links it.
//!
//! Every change that ends a user's sessions moves the epoch on in the same write.

mod account;
mod change;
mod sessions;
mod table;
mod users;

use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{Session, Timestamp, UserId, Username};
use gatecrumb_store::Store;

pub use account::Account;
pub use change::Change;
pub use users::{CreateError, NewUser, Profile, RenameError};

/// An operator's requests to the [`Store`].
pub trait Admin {
    /// Creates the table unless it exists, as `template.yaml` does, and says whether it was created.
    fn create_table(&self) -> impl Future<Output = Result<bool, Unavailable>> + Send;

    /// The account that signs in under this name.
    fn find_account(
        &self,
        username: &Username,
    ) -> impl Future<Output = Result<Option<Account>, Unavailable>> + Send;

    /// The user as the operator sees them.
    fn account(&self, user: &UserId) -> impl Future<Output = Result<Option<Account>, Unavailable>> + Send;

    /// Creates a user, sets the password and claims the name: all of it or nothing.
    fn create_user(
        &self,
        user: &NewUser,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), CreateError>> + Send;

    /// Gives a user another sign-in name and frees the old one, both or neither.
    fn rename_user(
        &self,
        user: &UserId,
        old: &Username,
        new: &Username,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), RenameError>> + Send;

    /// Deletes a user with the password and frees the name, all or nothing; says whether there was one. Sessions end
    /// with the user; their rows go when their time is over.
    fn delete_user(
        &self,
        user: &UserId,
        username: &Username,
    ) -> impl Future<Output = Result<bool, Unavailable>> + Send;

    /// Changes a user, the end of the sessions included: one write, of a new password one transaction. Says whether
    /// there is such a user.
    fn change_user(
        &self,
        user: &UserId,
        change: &Change,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, Unavailable>> + Send;

    /// The user's sessions, including those that are over but not swept yet.
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
