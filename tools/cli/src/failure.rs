//! Why a command failed, and the exit code that says so to scripts.

use std::process::ExitCode;

use gatecrumb_admin::CreateError;
use gatecrumb_aws::Unavailable;

use crate::aws::{self, Resource};

/// The exit codes of failed commands. 69 and above are those of BSD's `sysexits.h`. `docs/cli.md` lists them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// The command failed and changed nothing.
    Failed = 1,
    /// The arguments are invalid, or a confirmation is missing. clap uses the same code.
    Usage = 2,
    /// AWS cannot be reached or does not respond as it should: the command may succeed later.
    Unavailable = 69,
    /// The command took effect, but what it prints or records could not be written.
    Output = 74,
    /// The AWS credentials are missing, expired or not allowed to do this.
    NotPermitted = 77,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command failed: one or more lines for people, with the fix.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    exit: Exit,
    /// What `explain` turns into a message that names the table or the secret.
    unavailable: Option<Unavailable>,
}

impl Failure {
    /// A failure with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self::with(Exit::Failed, message)
    }

    /// The arguments are invalid.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::with(Exit::Usage, message)
    }

    pub(crate) fn with(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit,
            unavailable: None,
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The same message. The exit code says that the change took effect.
    pub(crate) fn after_the_change(mut self) -> Self {
        self.exit = Exit::Output;
        self
    }

    /// Explains a failed request to AWS, where it has a usual cause. `resource` is what the command works on.
    pub(crate) fn explain(self, resource: &Resource) -> Self {
        match &self.unavailable {
            Some(unavailable) => aws::explain(resource, unavailable),
            None => self,
        }
    }
}

impl From<Unavailable> for Failure {
    fn from(error: Unavailable) -> Self {
        Self {
            message: error.to_string(),
            exit: Exit::Unavailable,
            unavailable: Some(error),
        }
    }
}

impl From<CreateError> for Failure {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::NameTaken => Self::new(error.to_string()),
            CreateError::Unavailable(error) => error.into(),
        }
    }
}

macro_rules! failure_from {
    ($exit:expr, $($error:ty),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::with($exit, error.to_string())
            }
        }
    )*};
}

failure_from!(
    Exit::Usage,
    gatecrumb_domain::InvalidUsername,
    gatecrumb_domain::InvalidId,
    gatecrumb_domain::InvalidRole,
);
failure_from!(
    Exit::Failed,
    gatecrumb_passwords::HashingFailed,
    gatecrumb_passwords::UnfitPassword,
    gatecrumb_domain::NoRandomness,
    gatecrumb_runtime::ConfigError,
);
