//! Where a set of keys is kept.

use gatecrumb_aws::{SdkConfig, secrets};
use gatecrumb_tokens::SigningKeys;

use super::set::{KeySet, UnusableKeys};
use crate::{Failure, aws, cli::KeyTarget, local_keys, state::State};

/// Where a set of keys is kept.
pub(super) enum Storage<'a> {
    /// The state directory.
    Local(State),
    /// A secret in Secrets Manager, by name or ARN.
    Secret(SdkConfig, &'a str),
}

impl<'a> Storage<'a> {
    /// `creates`: whether the command creates the state directory.
    pub(super) async fn open(target: &'a KeyTarget, creates: bool) -> Result<Self, Failure> {
        if let Some(secret) = &target.secret {
            return Ok(Self::Secret(aws::config().await?, secret));
        }
        let state = State::locate(target.state.as_deref())?;
        state.say_where("keys", creates);
        Ok(Self::Local(state))
    }

    /// `signing_kid`: which key signs, whatever the secret says.
    pub(super) async fn load(&self, signing_kid: Option<&str>) -> Result<KeySet, Failure> {
        match self {
            Self::Local(_) if signing_kid.is_some() => Err(Failure::usage(
                "--signing-kid requires --secret: the local keys record which of them signs",
            )),
            Self::Local(state) => local_keys::load(state)?.ok_or_else(|| {
                Failure::new(
                    "there are no local keys yet: create one with `gatecrumb key generate` or `gatecrumb serve`",
                )
            }),
            Self::Secret(config, id) => {
                let json = secrets::read(config, id).await?;
                KeySet::from_json(&json, signing_kid).map_err(|error| explain(id, signing_kid, &error))
            }
        }
    }

    /// The keys, also of a secret that does not record which of them signs.
    pub(super) async fn load_keys(&self) -> Result<Result<KeySet, SigningKeys>, Failure> {
        let Self::Secret(config, id) = self else {
            return self.load(None).await.map(Ok);
        };
        let json = secrets::read(config, id).await?;
        match KeySet::from_json(&json, None) {
            Err(UnusableKeys::NoSigner) => SigningKeys::from_json(&json)
                .map(Err)
                .map_err(|error| explain(id, None, &error.into())),
            set => set.map(Ok).map_err(|error| explain(id, None, &error)),
        }
    }

    /// Refuses a set with which no function could start.
    pub(super) async fn save(&self, set: &KeySet) -> Result<(), Failure> {
        let json = set.to_json();
        KeySet::from_json(&json, None).map_err(|error| {
            Failure::new(format!(
                "nothing was changed, because the new set of keys {error}: remove keys with `gatecrumb key retire`"
            ))
        })?;
        match self {
            Self::Local(state) => local_keys::save(set, state),
            Self::Secret(config, id) => Ok(secrets::replace(config, id, &json).await?),
        }
    }
}

fn explain(secret: &str, signing_kid: Option<&str>, error: &UnusableKeys) -> Failure {
    let help = match error {
        UnusableKeys::NoSigner => "add --signing-kid with the SigningKid that is deployed",
        UnusableKeys::UnknownSigner if signing_kid.is_some() => {
            return Failure::usage(format!(
                "--signing-kid names no key of the secret {secret}: list them with `gatecrumb key public`"
            ));
        }
        UnusableKeys::UnknownSigner | UnusableKeys::Keys(_) | UnusableKeys::Members => {
            "restore its previous version"
        }
    };
    Failure::new(format!("the secret {secret} {error}: {help}"))
}
