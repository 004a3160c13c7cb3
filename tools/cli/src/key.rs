//! `gatecrumb key`.

use clap::Subcommand;
use gatecrumb_aws::secrets;
use gatecrumb_tokens::SigningKeys;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::{Failure, LocalKeys, cli::KeyTarget, local_issuer, output, state::State, table::aws};

/// The subcommands of `key`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the first signing key; its private part is never printed
    Generate,
    /// Add a new signing key to the existing ones
    Rotate {
        /// The existing keys have leaked: publish only the new one, and sign with it immediately
        #[arg(long)]
        leaked: bool,
    },
    /// Remove a key, once no token that it signed is in use
    Retire {
        /// The key's id
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// Print the public keys, as `VERIFYING_KEYS` takes them
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

    fn print(&self, target: &KeyTarget, note: &str) {
        if target.sam {
            output::line(self.parameters(note));
            return;
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
        output::result(target.json, self, lines.join("\n"));
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

fn locally(target: &KeyTarget, command: Command) -> Result<(), Failure> {
    let state = State::locate(target.state.as_deref())?;
    state.say_where("keys", matches!(command, Command::Generate));
    let loaded = LocalKeys::load(&state)?;
    let missing = || {
        Failure::new(
            "there are no local keys yet: create one with `gatecrumb key generate` or `gatecrumb serve`",
        )
    };
    match command {
        Command::Generate => {
            if loaded.is_some() {
                return Err(Failure::new(
                    "there are keys already: add another one with `gatecrumb key rotate`",
                ));
            }
            let (local, mut audit_log) = (LocalKeys::generate()?, target.audit_log()?);
            local.save(&state)?;
            audit_log.record("key_generated", about(&local.signing_kid))?;
            KeysOutput::new(&local.keys, Some(&local.signing_kid))?.print(target, "");
        }
        Command::Rotate { leaked } => {
            let mut local = loaded.ok_or_else(missing)?;
            let new = LocalKeys::generate()?;
            if leaked {
                local.keys = new.keys;
            } else {
                local.keys.extend(new.keys);
            }
            local.signing_kid = new.signing_kid;
            let mut audit_log = target.audit_log()?;
            local.save(&state)?;
            audit_log.record("key_rotated", about(&local.signing_kid))?;
            let note = "`gatecrumb serve` signs with the new key after its next start.";
            KeysOutput::new(&local.keys, Some(&local.signing_kid))?.print(target, note);
        }
        Command::Retire { kid } => {
            let mut local = loaded.ok_or_else(missing)?;
            if local.signing_kid == kid {
                return Err(Failure::new(
                    "this is the signing key: run `gatecrumb key rotate` first",
                ));
            }
            remove(&mut local.keys, &kid)?;
            let mut audit_log = target.audit_log()?;
            local.save(&state)?;
            audit_log.record("key_retired", about(&kid))?;
            KeysOutput::new(&local.keys, Some(&local.signing_kid))?.print(target, "");
        }
        Command::Public => {
            let local = loaded.ok_or_else(missing)?;
            let mut output = KeysOutput::new(&local.keys, Some(&local.signing_kid))?;
            output.issuer = Some(local_issuer::load_or_create(&state)?);
            output.print(target, "");
        }
    }
    Ok(())
}

async fn on_aws(target: &KeyTarget, secret: &str, command: Command) -> Result<(), Failure> {
    let config = aws().await?;
    if matches!(command, Command::Generate) {
        let LocalKeys { keys, signing_kid } = LocalKeys::generate()?;
        let mut audit_log = target.audit_log()?;
        let arn = secrets::create(&config, secret, &keys.to_private_json()).await?;
        audit_log.record("key_generated", about(&signing_kid))?;
        let mut output = KeysOutput::new(&keys, Some(&signing_kid))?;
        output.secret_arn = Some(arn);
        output.print(target, "");
        return Ok(());
    }
    let json = secrets::read(&config, secret).await?;
    let mut keys =
        SigningKeys::from_json(&json).map_err(|error| Failure::new(format!("the secret {error}")))?;
    match command {
        Command::Generate => {}
        Command::Rotate { leaked } => {
            let LocalKeys {
                keys: new,
                signing_kid,
            } = LocalKeys::generate()?;
            let mut published = KeysOutput::new(&new, Some(&signing_kid))?;
            keys.extend(new);
            let mut audit_log = target.audit_log()?;
            secrets::replace(&config, secret, &keys.to_private_json()).await?;
            audit_log.record("key_rotated", about(&signing_kid))?;
            if leaked {
                // The old keys stay in the secret: until the deployment, functions still start with them.
                published.print(target, LEAKED_NOTE);
            } else {
                published = KeysOutput::new(&keys, Some(&signing_kid))?;
                published.may_sign = false;
                published.print(target, ROTATE_NOTE);
            }
        }
        Command::Retire { kid } => {
            remove(&mut keys, &kid)?;
            let mut audit_log = target.audit_log()?;
            secrets::replace(&config, secret, &keys.to_private_json()).await?;
            audit_log.record("key_retired", about(&kid))?;
            KeysOutput::new(&keys, None)?.print(target, "");
        }
        Command::Public => KeysOutput::new(&keys, None)?.print(target, ""),
    }
    Ok(())
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
