//! `gatecrumb key`.

use clap::Subcommand;
use gatecrumb_aws::secrets;
use gatecrumb_tokens::SigningKeys;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    Failure, LocalKeys, audit::AuditLog, aws, cli::KeyTarget, confirm::Confirmation, local_issuer, output,
    state::State,
};

/// The subcommands of `key`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the first signing key; its private part is never printed
    #[command(after_help = "Examples:
  gatecrumb key generate
  gatecrumb key generate --secret gatecrumb --sam > deployment.yaml")]
    Generate,
    /// Add a new signing key to the existing ones
    #[command(after_help = "Examples:
  gatecrumb key rotate
  gatecrumb key rotate --secret gatecrumb --sam
  gatecrumb key rotate --leaked --yes               without the prompt, for scripts")]
    Rotate {
        /// The existing keys have leaked: publish only the new one, and sign with it immediately; prompts for confirmation
        /// where that signs every user out
        #[arg(long)]
        leaked: bool,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Remove a key, once no token that it signed is in use; prompts for confirmation
    #[command(after_help = "Examples:
  gatecrumb key retire KID
  gatecrumb key retire KID --secret gatecrumb
  gatecrumb key retire KID --yes                    without the prompt, for scripts")]
    Retire {
        /// The key's id
        #[arg(allow_hyphen_values = true)]
        kid: String,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Print the public keys, as `VERIFYING_KEYS` takes them
    #[command(after_help = "Examples:
  gatecrumb key public
  gatecrumb key public --secret gatecrumb --sam")]
    Public,
}

#[derive(Serialize)]
struct KeysOutput {
    /// The value for `SIGNING_KID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_arn: Option<String>,
    /// The default `iss` of the tokens that `gatecrumb serve` signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    verifying_keys: Box<RawValue>,
    /// Whether the key may sign now. A rotated key must be published first.
    #[serde(skip)]
    may_sign: bool,
}

impl KeysOutput {
    fn new(keys: &SigningKeys, signing_kid: Option<&str>) -> Result<Self, Failure> {
        let verifying_keys = RawValue::from_string(keys.to_public_json());
        let verifying_keys = verifying_keys.map_err(|error| Failure::new(error.to_string()))?;
        Ok(Self {
            signing_kid: signing_kid.map(str::to_owned),
            secret_arn: None,
            issuer: None,
            verifying_keys,
            may_sign: true,
        })
    }

    fn print(&self, target: &KeyTarget, note: &str) -> Result<(), Failure> {
        if target.sam {
            return output::print(self.parameters(note));
        }
        let mut lines = Vec::new();
        if let Some(arn) = &self.secret_arn {
            lines.push(format!("secret           {arn}"));
        }
        if let Some(kid) = &self.signing_kid {
            lines.push(format!("SIGNING_KID      {kid}"));
        }
        if let Some(issuer) = &self.issuer {
            lines.push(format!("ISSUER           {issuer}"));
        }
        lines.push(format!("VERIFYING_KEYS   {}", self.verifying_keys));
        if !note.is_empty() {
            lines.push(String::new());
            lines.push(note.to_owned());
        }
        output::result(target.json, self, lines.join("\n"))
    }

    fn print_change(&self, target: &KeyTarget, note: &str) -> Result<(), Failure> {
        output::after_a_change(self.print(target, note))
    }

    /// YAML for `sam deploy --parameter-overrides file://…`. On the command line, SAM's quoting would break the JSON.
    fn parameters(&self, note: &str) -> String {
        let mut lines: Vec<String> = note.lines().map(|line| format!("# {line}")).collect();
        if let Some(arn) = &self.secret_arn {
            lines.push(format!("SigningKeysSecretArn: {arn}"));
        }
        if let Some(kid) = &self.signing_kid {
            let comment = if self.may_sign { "" } else { "# " };
            lines.push(format!("{comment}SigningKid: {kid}"));
        }
        // Kids and base64url contain no quotes.
        lines.push(format!("VerifyingKeys: '{}'", self.verifying_keys));
        lines.join("\n")
    }
}

const LEAKED_NOTE: &str = "This deployment invalidates the tokens of all other keys: every user has to sign in again.
  1. deploy VERIFYING_KEYS and SIGNING_KID as above in one deployment, to every service that reads them
  2. then run `gatecrumb key retire` for each other key: earlier, functions of the old deployment could not start";

const ROTATE_NOTE: &str = "To keep every user signed in, follow this order:
  1. deploy VERIFYING_KEYS as above, to every service that reads it
  2. deploy SIGNING_KID as above
  3. after the idle lifetime of sessions, run `gatecrumb key retire` for the old key, and deploy VERIFYING_KEYS
     without it";

pub(crate) async fn run(target: &KeyTarget, command: Command) -> Result<(), Failure> {
    match &target.secret {
        Some(secret) => on_aws(target, secret, command).await,
        None => locally(target, command),
    }
}

fn load(state: &State) -> Result<LocalKeys, Failure> {
    LocalKeys::load(state)?.ok_or_else(|| {
        Failure::new(
            "there are no local keys yet: create one with `gatecrumb key generate` or `gatecrumb serve`",
        )
    })
}

fn locally(target: &KeyTarget, command: Command) -> Result<(), Failure> {
    let state = State::locate(target.state.as_deref())?;
    state.say_where("keys", matches!(command, Command::Generate));
    match command {
        Command::Generate => {
            if LocalKeys::load(&state)?.is_some() {
                return Err(Failure::new(
                    "there are keys already: add another one with `gatecrumb key rotate`",
                ));
            }
            let (local, audit_log) = (LocalKeys::generate()?, target.audit_log()?);
            local.save(&state)?;
            record(audit_log, "key_generated", &local.signing_kid)?;
            KeysOutput::new(&local.keys, Some(&local.signing_kid))?.print_change(target, "")
        }
        Command::Rotate { leaked, confirmation } => {
            load(&state)?;
            if leaked {
                confirmation.confirm(
                    "delete all signing keys and create a new one: every user has to sign in again",
                )?;
            }
            let (mut local, new) = (load(&state)?, LocalKeys::generate()?);
            if leaked {
                local.keys = new.keys;
            } else {
                local.keys.extend(new.keys);
            }
            let old = std::mem::replace(&mut local.signing_kid, new.signing_kid);
            let audit_log = target.audit_log()?;
            local.save(&state)?;
            record(audit_log, "key_rotated", &local.signing_kid)?;
            let note = format!(
                "SIGNING_KID changed: {old} → {}\n`gatecrumb serve` signs with the new key after its next start.",
                local.signing_kid
            );
            KeysOutput::new(&local.keys, Some(&local.signing_kid))?.print_change(target, &note)
        }
        Command::Retire { kid, confirmation } => {
            let without = || {
                let mut local = load(&state)?;
                if local.signing_kid == kid {
                    return Err(Failure::new(
                        "this is the signing key: run `gatecrumb key rotate` first",
                    ));
                }
                remove(&mut local.keys, &kid)?;
                Ok(local)
            };
            without()?;
            confirm_retiring(&confirmation, &kid)?;
            // Read again: the keys may have changed during the prompt.
            let (local, audit_log) = (without()?, target.audit_log()?);
            local.save(&state)?;
            record(audit_log, "key_retired", &kid)?;
            let note =
                format!("removed the key {kid}\n`gatecrumb serve` refuses its tokens after its next start.");
            KeysOutput::new(&local.keys, Some(&local.signing_kid))?.print_change(target, &note)
        }
        Command::Public => {
            let local = load(&state)?;
            let mut output = KeysOutput::new(&local.keys, Some(&local.signing_kid))?;
            output.issuer = Some(local_issuer::load_or_create(&state)?);
            output.print(target, "")
        }
    }
}

async fn on_aws(target: &KeyTarget, secret: &str, command: Command) -> Result<(), Failure> {
    let config = aws::config().await?;
    let read = async || {
        let json = secrets::read(&config, secret).await?;
        SigningKeys::from_json(&json).map_err(|error| {
            Failure::new(format!(
                "the secret {secret} {error}: restore its previous version"
            ))
        })
    };
    match command {
        Command::Generate => {
            let LocalKeys { keys, signing_kid } = LocalKeys::generate()?;
            let audit_log = target.audit_log()?;
            let arn = secrets::create(&config, secret, &keys.to_private_json()).await?;
            record(audit_log, "key_generated", &signing_kid)?;
            let mut output = KeysOutput::new(&keys, Some(&signing_kid))?;
            output.secret_arn = Some(arn);
            output.print_change(target, "")
        }
        Command::Rotate { leaked, .. } => {
            let mut keys = read().await?;
            let LocalKeys {
                keys: new,
                signing_kid,
            } = LocalKeys::generate()?;
            let mut published = KeysOutput::new(&new, Some(&signing_kid))?;
            keys.extend(new);
            let audit_log = target.audit_log()?;
            secrets::replace(&config, secret, &keys.to_private_json()).await?;
            record(audit_log, "key_rotated", &signing_kid)?;
            if leaked {
                // The old keys stay in the secret: until the deployment, functions still start with them.
                return published.print_change(target, LEAKED_NOTE);
            }
            published = KeysOutput::new(&keys, Some(&signing_kid))?;
            published.may_sign = false;
            published.print_change(target, ROTATE_NOTE)
        }
        Command::Retire { kid, confirmation } => {
            remove(&mut read().await?, &kid)?;
            confirm_retiring(&confirmation, &kid)?;
            // Read again: the keys may have changed during the prompt.
            let mut keys = read().await?;
            remove(&mut keys, &kid)?;
            let audit_log = target.audit_log()?;
            secrets::replace(&config, secret, &keys.to_private_json()).await?;
            record(audit_log, "key_retired", &kid)?;
            let note = format!(
                "removed the key {kid}\nDeploy VERIFYING_KEYS as above, to every service that reads it."
            );
            KeysOutput::new(&keys, None)?.print_change(target, &note)
        }
        Command::Public => KeysOutput::new(&read().await?, None)?.print(target, ""),
    }
}

fn confirm_retiring(confirmation: &Confirmation, kid: &str) -> Result<(), Failure> {
    confirmation.confirm(&format!("remove the key {kid}, whose tokens are then refused"))
}

fn record(mut audit_log: AuditLog, event: &str, kid: &str) -> Result<(), Failure> {
    audit_log
        .record(event, about(kid))
        .map_err(Failure::after_the_change)
}

/// The members of an audit line that identify a key.
fn about(kid: &str) -> Value {
    json!({ "kid": kid })
}

fn remove(keys: &mut SigningKeys, kid: &str) -> Result<(), Failure> {
    if keys.kids().count() == 1 {
        return Err(Failure::new(
            "this is the only key: run `gatecrumb key rotate` first",
        ));
    }
    if keys.remove(kid) {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "no such key: {kid} (list them with `gatecrumb key public`)"
        )))
    }
}
