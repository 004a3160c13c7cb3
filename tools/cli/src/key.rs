//! `gatecrumb key`.

use clap::Subcommand;
use gatecrumb_aws::secrets;
use gatecrumb_tokens::SigningKeys;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::{Failure, LocalKeys, cli::KeyPlace, local_issuer, output, state::State, table::aws};

/// What to do with the signing keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the first signing key; its private part is never shown
    Generate,
    /// Add a new signing key beside those there are
    Rotate {
        /// The keys there are have leaked: publish the new one alone, and sign by it at once
        #[arg(long)]
        leaked: bool,
    },
    /// Take a key away once no token of it is in use any more
    Retire {
        /// The key's id
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// Show the public keys, as the functions take them
    Public,
}

#[derive(Serialize)]
struct Shown {
    /// The key to be named in `SIGNING_KID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_arn: Option<String>,
    /// The `iss` of `gatecrumb serve`'s tokens, unless its environment says another.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    verifying_keys: Box<RawValue>,
    /// Whether the key may sign at once; a new one has to be published first.
    #[serde(skip)]
    may_sign: bool,
}

impl Shown {
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

    fn print(&self, place: &KeyPlace, note: &str) {
        if place.sam {
            output::say(self.parameters(note));
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
        output::answer(place.json, self, lines.join("\n"));
    }

    /// YAML for `sam deploy --parameter-overrides file://…`; its quoting on the command line would break the JSON.
    fn parameters(&self, note: &str) -> String {
        let mut lines: Vec<String> = note.lines().map(|line| format!("# {line}")).collect();
        if let Some(arn) = &self.secret_arn {
            lines.push(format!("SigningKeysSecretArn: {arn}"));
        }
        if let Some(kid) = &self.signing_kid {
            let comment = if self.may_sign { "" } else { "# " };
            lines.push(format!("{comment}SigningKid: {kid}"));
        }
        // Neither kids nor base64url have a quote.
        lines.push(format!("VerifyingKeys: '{}'", self.verifying_keys));
        lines.join("\n")
    }
}

const LEAKED_NOTE: &str = "Tokens of the other keys end when this is deployed, and everybody signs in anew:
  1. deploy VERIFYING_KEYS and SIGNING_KID as above in one deployment, to every service that reads them
  2. then `gatecrumb key retire` each other key: earlier, functions that start before the deployment would fail";

const ROTATE_NOTE: &str = "Nobody is signed out if you go in this order:
  1. deploy VERIFYING_KEYS as above, to every service that reads it
  2. deploy SIGNING_KID as above
  3. when the idle lifetime of sessions has passed: `gatecrumb key retire` the old key, and deploy VERIFYING_KEYS
     without it";

pub(crate) async fn run(place: &KeyPlace, command: Command) -> Result<(), Failure> {
    match &place.secret {
        Some(secret) => on_aws(place, secret, command).await,
        None => locally(place, command),
    }
}

fn locally(place: &KeyPlace, command: Command) -> Result<(), Failure> {
    let state = State::at(&place.state);
    let loaded = LocalKeys::load(&state)?;
    let missing = || {
        Failure::new("there are no local keys yet: `gatecrumb key generate` or `gatecrumb serve` makes one")
    };
    match command {
        Command::Generate => {
            if loaded.is_some() {
                return Err(Failure::new(
                    "there are keys already: `gatecrumb key rotate` adds another one",
                ));
            }
            let (local, mut trail) = (LocalKeys::generate()?, place.trail()?);
            local.save(&state)?;
            trail.record("key_generated", about(&local.signing_kid))?;
            Shown::new(&local.keys, Some(&local.signing_kid))?.print(place, "");
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
            let mut trail = place.trail()?;
            local.save(&state)?;
            trail.record("key_rotated", about(&local.signing_kid))?;
            let note = "`gatecrumb serve` signs by the new key from its next start on.";
            Shown::new(&local.keys, Some(&local.signing_kid))?.print(place, note);
        }
        Command::Retire { kid } => {
            let mut local = loaded.ok_or_else(missing)?;
            if local.signing_kid == kid {
                return Err(Failure::new("this key signs: rotate first"));
            }
            remove(&mut local.keys, &kid)?;
            let mut trail = place.trail()?;
            local.save(&state)?;
            trail.record("key_retired", about(&kid))?;
            Shown::new(&local.keys, Some(&local.signing_kid))?.print(place, "");
        }
        Command::Public => {
            let local = loaded.ok_or_else(missing)?;
            let mut shown = Shown::new(&local.keys, Some(&local.signing_kid))?;
            shown.issuer = Some(local_issuer::load_or_make(&state)?);
            shown.print(place, "");
        }
    }
    Ok(())
}

async fn on_aws(place: &KeyPlace, secret: &str, command: Command) -> Result<(), Failure> {
    let config = aws().await?;
    if matches!(command, Command::Generate) {
        let LocalKeys { keys, signing_kid } = LocalKeys::generate()?;
        let mut trail = place.trail()?;
        let arn = secrets::create(&config, secret, &keys.to_private_json()).await?;
        trail.record("key_generated", about(&signing_kid))?;
        let mut shown = Shown::new(&keys, Some(&signing_kid))?;
        shown.secret_arn = Some(arn);
        shown.print(place, "");
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
            let mut published = Shown::new(&new, Some(&signing_kid))?;
            keys.extend(new);
            let mut trail = place.trail()?;
            secrets::replace(&config, secret, &keys.to_private_json()).await?;
            trail.record("key_rotated", about(&signing_kid))?;
            if leaked {
                // The old keys stay in the secret until no function starts by them any more.
                published.print(place, LEAKED_NOTE);
            } else {
                published = Shown::new(&keys, Some(&signing_kid))?;
                published.may_sign = false;
                published.print(place, ROTATE_NOTE);
            }
        }
        Command::Retire { kid } => {
            remove(&mut keys, &kid)?;
            let mut trail = place.trail()?;
            secrets::replace(&config, secret, &keys.to_private_json()).await?;
            trail.record("key_retired", about(&kid))?;
            Shown::new(&keys, None)?.print(place, "");
        }
        Command::Public => Shown::new(&keys, None)?.print(place, ""),
    }
    Ok(())
}

/// What the audit log says of a key.
fn about(kid: &str) -> Value {
    json!({ "kid": kid })
}

fn remove(keys: &mut SigningKeys, kid: &str) -> Result<(), Failure> {
    if keys.kids().count() == 1 {
        return Err(Failure::new("this is the only key: rotate first"));
    }
    if keys.remove(kid) {
        Ok(())
    } else {
        Err(Failure::new(format!("there is no key {kid}")))
    }
}
