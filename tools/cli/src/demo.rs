//! The demo user of a local table.

use gatecrumb_admin::{Admin as _, CreateError, NewUser, Profile};
use gatecrumb_domain::{PasswordVersion, Roles, UserId, Username};
use gatecrumb_passwords::{Cost, Hasher, Password, Verdict};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_store::Store;

use crate::{Failure, password};

pub(crate) const DEMO_USER: &str = "demo";
pub(crate) const DEMO_PASSWORD: &str = "correct horse battery staple";

/// Whether the demo user can sign in with the demo password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Demo {
    /// Yes, and this start created it.
    Created,
    /// Yes.
    Ready,
    /// There is no such user.
    Absent,
    /// The user is disabled.
    Disabled,
    /// The user has another password.
    OtherPassword,
}

impl Demo {
    pub(crate) fn can_sign_in(self) -> bool {
        matches!(self, Self::Created | Self::Ready)
    }

    /// For the terminal: how to sign in, or why that does not work and what to do.
    pub(crate) fn text(self) -> String {
        let credentials = format!("{DEMO_USER}, password: {DEMO_PASSWORD}");
        match self {
            Self::Created => format!("{credentials} (created just now)"),
            Self::Ready => credentials,
            Self::Absent => "none (restart with --demo to create it)".to_owned(),
            Self::Disabled => {
                format!("{DEMO_USER} is disabled (enable it with `gatecrumb user enable {DEMO_USER}`)")
            }
            Self::OtherPassword => format!(
                "{DEMO_USER} has another password (set one with `gatecrumb user set-password {DEMO_USER}`)"
            ),
        }
    }
}

/// Creates the user unless the name is taken. Returns whether it did.
pub(crate) async fn create(store: &Store, cost: Cost) -> Result<bool, Failure> {
    let name = Username::parse(DEMO_USER)?;
    if store.find_login(&name).await?.is_some() {
        return Ok(false);
    }
    let user = NewUser {
        id: UserId::random(&SystemRandomness)?,
        username: name,
        password_hash: password::hash(Password::chosen(DEMO_PASSWORD)?, cost).await?,
        password_version: PasswordVersion::random(&SystemRandomness)?,
        profile: Profile {
            email: Some("demo@example.com".to_owned()),
            name: Some("Demo User".to_owned()),
        },
        roles: Roles::try_from(vec!["reader".parse()?])?,
    };
    match store.create_user(&user, now()).await {
        Ok(()) => Ok(true),
        Err(CreateError::NameTaken) => Ok(false),
        Err(CreateError::Unavailable(error)) => Err(error.into()),
    }
}

/// Finds out as a sign-in does.
pub(crate) async fn check(store: &Store, cost: Cost) -> Result<Demo, Failure> {
    let Some(user) = store.find_login(&Username::parse(DEMO_USER)?).await? else {
        return Ok(Demo::Absent);
    };
    let Some(found) = store.credentials(&user).await? else {
        return Ok(Demo::OtherPassword);
    };
    if !found.user.active {
        return Ok(Demo::Disabled);
    }
    let hasher = Hasher::start(cost, 1).await;
    let password = Password::presented(DEMO_PASSWORD);
    let verification = hasher.verify(password, Some(found.password_hash)).await?;
    Ok(match verification.verdict {
        Verdict::Match { .. } => Demo::Ready,
        _ => Demo::OtherPassword,
    })
}
