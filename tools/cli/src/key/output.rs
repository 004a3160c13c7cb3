//! What the commands print: the values to deploy, how far the rotation is, and what to do next.

use std::time::Duration;

use gatecrumb_tokens::SigningKeys;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    rotation::{Stage, Step, Waits},
    set::KeySet,
};
use crate::{Failure, cli::KeyTarget, output};

#[derive(Serialize)]
pub(super) struct KeysOutput {
    /// The value for `SIGNING_KID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret_arn: Option<String>,
    /// The default `iss` of the tokens that `gatecrumb serve` signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuer: Option<String>,
    verifying_keys: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<Progress>,
}

/// A rotation in progress.
#[derive(Serialize)]
struct Progress {
    stage: Stage,
    /// The new key.
    kid: String,
    since: String,
    next_step: &'static str,
    not_before: String,
}

impl Progress {
    fn of(set: &KeySet, waits: &Waits) -> Option<Self> {
        let (rotation, not_before) = (set.rotation()?, set.not_before(waits)?);
        Some(Self {
            stage: rotation.stage,
            kid: rotation.kid.clone(),
            since: rotation.since.rfc3339(),
            next_step: match rotation.stage {
                Stage::Published => "sign",
                Stage::Signing | Stage::Leaked => "retire",
            },
            not_before: not_before.rfc3339(),
        })
    }

    fn text(&self) -> String {
        let stage = match self.stage {
            Stage::Published => "published",
            Stage::Signing => "signing",
            Stage::Leaked => "signing, others leaked",
        };
        format!(
            "{} {stage} since {}; next step: {}, not before {}",
            self.kid, self.since, self.next_step, self.not_before
        )
    }
}

impl KeysOutput {
    pub(super) fn new(set: &KeySet, waits: &Waits) -> Result<Self, Failure> {
        let public = set.to_public_json().map_err(|error| {
            Failure::new(format!("the set of keys {error}: restore its previous version"))
        })?;
        Ok(Self {
            signing_kid: Some(set.signing_kid.clone()),
            rotation: Progress::of(set, waits),
            ..Self::of_public(public)?
        })
    }

    /// Of a secret that does not record which key signs.
    pub(super) fn of_keys(keys: &SigningKeys) -> Result<Self, Failure> {
        Self::of_public(keys.to_public_json())
    }

    fn of_public(verifying_keys: String) -> Result<Self, Failure> {
        Ok(Self {
            signing_kid: None,
            secret_arn: None,
            issuer: None,
            verifying_keys: RawValue::from_string(verifying_keys)
                .map_err(|error| Failure::new(error.to_string()))?,
            rotation: None,
        })
    }

    pub(super) fn print(&self, target: &KeyTarget, note: &str) -> Result<(), Failure> {
        if target.sam {
            return output::print(self.parameters(note));
        }
        let rotation = self.rotation.as_ref().map(Progress::text);
        let mut lines: Vec<String> = [
            ("secret", self.secret_arn.as_deref()),
            ("SIGNING_KID", self.signing_kid.as_deref()),
            ("ISSUER", self.issuer.as_deref()),
            ("VERIFYING_KEYS", Some(self.verifying_keys.get())),
            ("rotation", rotation.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name:<16} {}", value?)))
        .collect();
        if !note.is_empty() {
            lines.push(String::new());
            lines.push(note.to_owned());
        }
        output::result(target.json, self, lines.join("\n"))
    }

    pub(super) fn print_change(&self, target: &KeyTarget, note: &str) -> Result<(), Failure> {
        output::after_a_change(self.print(target, note))
    }

    /// YAML for `sam deploy --parameter-overrides file://…`. On the command line, SAM's quoting would break the JSON.
    fn parameters(&self, note: &str) -> String {
        let rotation = self.rotation.as_ref().map(Progress::text);
        let rotation = rotation.map(|text| format!("rotation: {text}"));
        let comments = rotation.iter().flat_map(|text| text.lines()).chain(note.lines());
        let mut lines: Vec<String> = comments
            .map(|line| format!("# {line}").trim_end().to_owned())
            .collect();
        if let Some(arn) = &self.secret_arn {
            lines.push(format!("SigningKeysSecretArn: {arn}"));
        }
        if let Some(kid) = &self.signing_kid {
            lines.push(format!("SigningKid: {kid}"));
        }
        // Kids and base64url contain no quotes.
        lines.push(format!("VerifyingKeys: '{}'", self.verifying_keys));
        lines.join("\n")
    }
}

/// What a step did, and what to do next. `set`: after the step.
pub(super) fn note(target: &KeyTarget, step: &Step, set: &KeySet, waits: &Waits) -> String {
    let command = match &target.secret {
        Some(secret) => format!("`gatecrumb key rotate --secret {secret}`"),
        None => "`gatecrumb key rotate`".to_owned(),
    };
    let deploy = match (&target.secret, step) {
        (None, _) => "start `gatecrumb serve` again",
        (Some(_), Step::Sign(_)) => "deploy SIGNING_KID as above",
        (Some(_), _) => "deploy VERIFYING_KEYS as above, to every service that reads it",
    };
    let until = set
        .not_before(waits)
        .map_or_else(String::new, |time| time.rfc3339());
    let deadline = seconds(waits.deployment());
    let signing = &set.signing_kid;
    match step {
        Step::Publish => {
            let new = set.rotation().map_or("", |rotation| rotation.kid.as_str());
            format!(
                "added the key {new}, which does not sign yet. To keep every user signed in, follow this order:
  1. {deploy}, within {deadline}
  2. after {until}, run {command} again: it lets the new key sign
If step 1 takes longer, wait longer by the same time before step 2."
            )
        }
        Step::Sign(_) => format!(
            "the key {signing} signs from now on. To keep every user signed in, follow this order:
  1. {deploy}, within {deadline}
  2. after {until}, run {command} again: it retires the old key
If step 1 takes longer, wait longer by the same time before step 2."
        ),
        Step::Record(Stage::Published) => format!(
            "recorded that the newest key is published as of now. To keep every user signed in, check that it is deployed.
After {until}, run {command} again: it lets the new key sign."
        ),
        Step::Record(_) => format!(
            "recorded that the key {signing} signs as of now. To keep every user signed in, check that it is deployed.
After {until}, run {command} again: it retires the other keys."
        ),
        Step::Retire(kids) => {
            let (kids, keys) = (kids.join(", "), if kids.len() == 1 { "key" } else { "keys" });
            let deploy = match &target.secret {
                None => "`gatecrumb serve` refuses its tokens after its next start.",
                Some(_) => "Deploy VERIFYING_KEYS as above, to every service that reads it.",
            };
            format!("removed the {keys} {kids}\n{deploy}")
        }
    }
}

/// What to do after `--leaked` with a secret.
pub(super) const LEAKED_NOTE: &str = "This deployment invalidates the tokens of all other keys: every user has to sign in again.
  1. deploy VERIFYING_KEYS and SIGNING_KID as above in one deployment, to every service that reads them
  2. when the deployment is complete, run `gatecrumb key rotate` again: it removes the other keys. Earlier, functions of
     the old deployment could not start. Services that cached the public keys trust the leaked ones until their caches
     expire";

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds.is_multiple_of(60) {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}
