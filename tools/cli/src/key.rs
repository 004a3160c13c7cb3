//! `gatecrumb key`.

mod options;
mod output;
mod rotation;
mod set;
mod storage;

use clap::Subcommand;
use gatecrumb_aws::secrets;
use gatecrumb_runtime::{Environment, SystemRandomness, now};
use serde_json::{Value, json};

use crate::{Failure, audit::AuditLog, cli::KeyTarget, local_issuer, local_keys};
use options::{Options, waits};
use output::{KeysOutput, LEAKED_NOTE, note};
pub use rotation::{Refused, Rotation, Stage, Step, Waits};
pub use set::{KeySet, UnusableKeys};
use storage::Storage;

/// The subcommands of `key`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the first signing key; its private part is never printed
    #[command(after_help = "Examples:
  gatecrumb key generate
  gatecrumb key generate --secret gatecrumb --sam > deployment.yaml")]
    Generate,
    /// Replace the signing key: take the next step, and say what to do then and when
    #[command(
        long_about = "Replace the signing key: take the next step, and say what to do then and when.

The first call adds a key, which is published with the next deployment. The second one lets it sign, when no cache lacks \
it any more. The third one retires the old key, when no token that it signed is in use; it prompts for confirmation. A \
call that is too early changes nothing and fails.",
        after_help = "Examples:
  gatecrumb key rotate
  gatecrumb key rotate --secret gatecrumb --sam
  gatecrumb key rotate --secret gatecrumb --session-idle-seconds 604800
  gatecrumb key rotate --leaked --yes               without the prompt, for scripts"
    )]
    Rotate {
        /// The existing keys have leaked: publish only a new one, and sign with it immediately; prompts for confirmation
        /// where that signs every user out
        #[arg(long, conflicts_with = "force")]
        leaked: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Remove a key that signs no more, once no token that it signed is in use; prompts for confirmation
    #[command(after_help = "Examples:
  gatecrumb key retire KID
  gatecrumb key retire KID --secret gatecrumb
  gatecrumb key retire KID --force --yes            without a wait and without the prompt, for scripts")]
    Retire {
        /// The key's id
        #[arg(allow_hyphen_values = true)]
        kid: String,
        #[command(flatten)]
        options: Options,
    },
    /// Print the public keys, as `VERIFYING_KEYS` takes them, and how far a rotation is
    #[command(after_help = "Examples:
  gatecrumb key public
  gatecrumb key public --secret gatecrumb --sam")]
    Public,
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::new(refused.to_string())
    }
}

pub(crate) async fn run(target: &KeyTarget, command: Command) -> Result<(), Failure> {
    let storage = Storage::open(target, matches!(command, Command::Generate)).await?;
    match command {
        Command::Generate => generate(target, &storage).await,
        Command::Rotate {
            leaked: true,
            options,
        } => replace_leaked(target, &storage, &options).await,
        Command::Rotate { options, .. } => {
            let waits = options.waits()?;
            let next = |set: &KeySet| set.next_step(now(), &waits, options.force);
            take(target, &storage, &options, &waits, next).await
        }
        Command::Retire { kid, options } => {
            let waits = options.waits()?;
            let retirement = |set: &KeySet| set.retirement(&kid, now(), &waits, options.force);
            take(target, &storage, &options, &waits, retirement).await
        }
        Command::Public => {
            let waits = waits(&Environment::of_process())?;
            let mut output = match storage.load_keys().await? {
                Ok(set) => KeysOutput::new(&set, &waits)?,
                Err(keys) => KeysOutput::of_keys(&keys)?,
            };
            if let Storage::Local(state) = &storage {
                output.issuer = Some(local_issuer::load_or_create(state)?);
            }
            output.print(target, "")
        }
    }
}

async fn generate(target: &KeyTarget, storage: &Storage<'_>) -> Result<(), Failure> {
    if let Storage::Local(state) = storage
        && local_keys::load(state)?.is_some()
    {
        return Err(Failure::new(
            "there are keys already: replace them with `gatecrumb key rotate`",
        ));
    }
    let set = KeySet::generate(&SystemRandomness)?;
    let mut output = KeysOutput::new(&set, &waits(&Environment::of_process())?)?;
    let audit_log = target.audit_log()?;
    match storage {
        Storage::Local(_) => storage.save(&set).await?,
        Storage::Secret(config, id) => {
            output.secret_arn = Some(secrets::create(config, id, &set.to_json()).await?);
        }
    }
    record(audit_log, &[("key_generated", json!({ "kid": set.signing_kid }))])?;
    output.print_change(target, "")
}

/// Takes the step that `choose` finds.
async fn take(
    target: &KeyTarget,
    storage: &Storage<'_>,
    options: &Options,
    waits: &Waits,
    choose: impl Fn(&KeySet) -> Result<Step, Refused>,
) -> Result<(), Failure> {
    let signing_kid = options.signing_kid.as_deref();
    let mut set = storage.load(signing_kid).await?;
    let step = choose(&set)?;
    if let Some(effect) = effect(&step, &set, options.force) {
        options.confirmation.confirm(&effect)?;
        // Read again: the keys may have changed during the prompt.
        set = storage.load(signing_kid).await?;
        if choose(&set)? != step {
            return Err(Failure::new(
                "the keys changed during the prompt: run the command again",
            ));
        }
    }
    set.take(&step, now(), waits, &SystemRandomness)?;
    let audit_log = target.audit_log()?;
    storage.save(&set).await?;
    record(audit_log, &events(&step, &set, options.force))?;
    let note = note(target, &step, &set, waits);
    KeysOutput::new(&set, waits)?.print_change(target, &note)
}

/// What to confirm before a step: that a key is deleted, or that a wait is cut short.
fn effect(step: &Step, set: &KeySet, force: bool) -> Option<String> {
    match step {
        Step::Retire(kids) => {
            let (key, whose) = if kids.len() == 1 {
                ("key", "whose tokens are")
            } else {
                ("keys", "all of whose tokens are")
            };
            let others = match set.rotation().map(|rotation| rotation.stage) {
                Some(Stage::Published) | None => String::new(),
                Some(Stage::Signing | Stage::Leaked) => {
                    format!(
                        ", and functions can then start only with SIGNING_KID={}",
                        set.signing_kid
                    )
                }
            };
            Some(format!(
                "remove the {key} {}, {whose} then refused{others}",
                kids.join(", ")
            ))
        }
        Step::Sign(kid) if force => Some(format!(
            "let the key {kid} sign now, whose tokens some services may refuse until their caches expire"
        )),
        Step::Sign(_) | Step::Publish | Step::Record(_) => None,
    }
}

async fn replace_leaked(target: &KeyTarget, storage: &Storage<'_>, options: &Options) -> Result<(), Failure> {
    let (signing_kid, waits) = (options.signing_kid.as_deref(), options.waits()?);
    let mut set = storage.load(signing_kid).await?;
    let note = match storage {
        Storage::Local(_) => {
            let effect = "delete all signing keys and create a new one: every user has to sign in again";
            options.confirmation.confirm(effect)?;
            set = KeySet::generate(&SystemRandomness)?;
            "deleted all other keys\n`gatecrumb serve` signs with the new key after its next start."
        }
        // The old keys stay in the secret: until the deployment, functions still start with them.
        Storage::Secret(..) => {
            set.replace_leaked(now(), &SystemRandomness)?;
            LEAKED_NOTE
        }
    };
    let audit_log = target.audit_log()?;
    storage.save(&set).await?;
    let event = ("key_rotated", json!({ "kid": set.signing_kid, "leaked": true }));
    record(audit_log, &[event])?;
    KeysOutput::new(&set, &waits)?.print_change(target, note)
}

type Event = (&'static str, Value);

/// The audit lines of a step. `set`: after the step.
fn events(step: &Step, set: &KeySet, force: bool) -> Vec<Event> {
    let kid = set.rotation().map_or("", |rotation| rotation.kid.as_str());
    let mut events = match step {
        Step::Publish => vec![("key_published", json!({ "kid": kid }))],
        Step::Sign(kid) => vec![("key_rotated", json!({ "kid": kid }))],
        Step::Record(stage) => vec![("key_stage_recorded", json!({ "kid": kid, "stage": stage }))],
        Step::Retire(kids) => kids
            .iter()
            .map(|kid| ("key_retired", json!({ "kid": kid })))
            .collect(),
    };
    if force {
        for (_, details) in &mut events {
            details["forced"] = true.into();
        }
    }
    events
}

fn record(mut audit_log: AuditLog, events: &[Event]) -> Result<(), Failure> {
    for (event, details) in events {
        audit_log
            .record(event, details.clone())
            .map_err(Failure::after_the_change)?;
    }
    Ok(())
}
