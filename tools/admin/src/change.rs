use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{PasswordHash, PasswordVersion, Roles, Timestamp, UserId};
use gatecrumb_store::{
    keys::user_key,
    table::{Table, TransactWrite, Write, boolean, list, number, string, time},
};

use crate::users::put_password;

/// A change to a user.
#[derive(Clone, Debug)]
pub enum Change {
    /// The user can no longer sign in, and all sessions end.
    Disable,
    /// The user can sign in again. Ended sessions stay ended.
    Enable,
    /// A new password; all sessions end.
    Password {
        /// Its hash.
        hash: PasswordHash,
        /// Its version, a new random one.
        version: PasswordVersion,
    },
    /// New roles. `me` returns them at once, access tokens contain them from the next refresh.
    Roles(Roles),
    /// New roles that depend on the old ones. Applied only if the user still has the old ones, so that no concurrent change
    /// is lost.
    ReplaceRoles {
        /// The roles that the user has.
        from: Roles,
        /// The new roles.
        to: Roles,
    },
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
        Change::Roles(to) => set_roles(write, to),
        Change::ReplaceRoles { from, to } => {
            // Without roles, an imported item may lack the attribute.
            let absent = if *from == Roles::default() {
                " OR attribute_not_exists(#roles)"
            } else {
                ""
            };
            set_roles(write, to)
                .when(format!("attribute_exists(pk) AND (#roles = :from{absent})"))
                .value(":from", roles(from))
        }
        Change::EndSessions => ending(write, ""),
        Change::Password { hash, version } => {
            // Nothing is read first, so that no concurrent change is lost.
            let writes = [
                TransactWrite::Update(
                    ending(write, "password_version = :version, ")
                        .value(":version", string(version.as_str())),
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

fn set_roles(write: Write, to: &Roles) -> Write {
    write
        .update("SET #roles = :roles, updated_at = :now")
        .name("#roles", "roles")
        .value(":roles", roles(to))
}

pub(crate) fn roles(roles: &Roles) -> gatecrumb_store::table::Value {
    let roles: Vec<gatecrumb_domain::Role> = roles.clone().into();
    list(roles)
}
