use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{PasswordHash, PasswordVersion, Roles, Timestamp, UserId};
use gatecrumb_store::{
    keys::user_key,
    table::{Table, TransactWrite, Write, boolean, list, number, text, time},
};

use crate::users::put_password;

/// A change to a user.
#[derive(Clone, Debug)]
pub enum Change {
    /// Signing in is refused from now on, and all sessions end.
    Disable,
    /// Signing in is allowed again. Sessions that have ended stay so.
    Enable,
    /// Another password; all sessions end.
    Password {
        /// The hash of it.
        hash: PasswordHash,
        /// A new random version of it.
        version: PasswordVersion,
    },
    /// Other roles: `me` shows them at once, access tokens have them from the next refresh on.
    Roles(Roles),
    /// All sessions end.
    EndSessions,
}

pub(crate) async fn apply(
    table: &Table,
    user: &UserId,
    change: &Change,
    now: Timestamp,
) -> Result<bool, Unavailable> {
    let write = Write::to(user_key(user))
        .when("attribute_exists(pk)")
        .value(":now", time(now));
    let ending = |write: Write, set: &str| {
        write
            .update(format!("SET {set}updated_at = :now ADD session_epoch :one"))
            .value(":one", number(1))
    };
    let write = match change {
        Change::Disable => ending(write, "active = :active, ").value(":active", boolean(false)),
        Change::Enable => write
            .update("SET active = :active, updated_at = :now")
            .value(":active", boolean(true)),
        Change::Roles(new) => write
            .update("SET #roles = :roles, updated_at = :now")
            .name("#roles", "roles")
            .value(":roles", roles(new)),
        Change::EndSessions => ending(write, ""),
        Change::Password { hash, version } => {
            // The transaction reads nothing, so that nobody can overtake it.
            let writes = [
                TransactWrite::Update(
                    ending(write, "password_version = :version, ").value(":version", text(version.as_str())),
                ),
                put_password(user, hash, version),
            ];
            let outcome = table.transact("TransactWriteItems for a new password", writes);
            return outcome.await?.is_done();
        }
    };
    let outcome = table.update_if("UpdateItem of a user", write);
    outcome.await?.is_done()
}

pub(crate) fn roles(roles: &Roles) -> gatecrumb_store::table::Value {
    let roles: Vec<gatecrumb_domain::Role> = roles.clone().into();
    list(roles)
}
