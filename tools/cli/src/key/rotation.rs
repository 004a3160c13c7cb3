//! How a new key replaces the one that signs: publish, wait for caches, sign, wait for the tokens of the old key, retire.
//! Pure: it reads no clock, no file and nothing of AWS.

use std::time::Duration;

use gatecrumb_domain::{NoRandomness, Randomness, Timestamp};
use serde::{Deserialize, Serialize};

use super::set::KeySet;

/// How far a rotation is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The new key is public and does not sign yet.
    Published,
    /// The new key signs. Tokens of the old ones are in use.
    Signing,
    /// The new key signs. The old ones have leaked: they are not public any more, but functions of the last deployment
    /// still start with them.
    Leaked,
}

/// A rotation in progress.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Rotation {
    /// How far it is.
    pub stage: Stage,
    /// The new key.
    pub kid: String,
    /// When the stage began.
    pub since: Timestamp,
    /// When the next step may be taken, as determined at that time: tokens keep the lifetime with which they were issued.
    pub not_before: Timestamp,
}

/// How long a rotation waits, in a deployment.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// How long caches serve the public keys.
    pub jwks_max_age: Duration,
    /// How long a refresh token is valid, if it is not used.
    pub session_idle: Duration,
}

impl Waits {
    /// How long a deployment may take that begins when the command has printed its parameters.
    #[must_use]
    pub fn deployment(&self) -> Duration {
        self.jwks_max_age
    }

    /// From publishing a key to signing with it: until it is deployed, and no cache has a set without it.
    fn before_signing(&self) -> Duration {
        self.deployment() + self.jwks_max_age
    }

    /// From signing with a key to retiring the others: until it is deployed, and all tokens of the others have expired.
    fn before_retiring(&self) -> Duration {
        self.deployment() + self.session_idle
    }

    fn after(&self, stage: Stage) -> Duration {
        match stage {
            Stage::Published => self.before_signing(),
            Stage::Signing => self.before_retiring(),
            Stage::Leaked => Duration::ZERO,
        }
    }
}

/// What a command does to a set of keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// It adds a key, which does not sign yet.
    Publish,
    /// It lets this key sign.
    Sign(String),
    /// It removes these keys.
    Retire(Vec<String>),
    /// It records that the stage has been reached: from now on, the wait counts.
    Record(Stage),
}

/// Why a step cannot be taken. Nothing has changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Caches may have a set without the new key.
    #[error(
        "it is too early to sign with {kid}: services may have cached the public keys without it until {until}. Run this \
         again then, or add --force: they refuse its tokens until they have it"
    )]
    TooEarlyToSign {
        /// The new key.
        kid: String,
        /// The end of the wait.
        until: String,
    },
    /// Tokens of the old keys may be in use.
    #[error(
        "it is too early to retire {kids}: tokens of that key may be in use until {until} (SESSION_IDLE_SECONDS={idle}). \
         Run this again then, or add --force: it signs their users out"
    )]
    TooEarlyToRetire {
        /// The old keys.
        kids: String,
        /// The end of the wait.
        until: String,
        /// The idle lifetime of sessions, in seconds.
        idle: u64,
    },
    /// An earlier version recorded no stages.
    #[error(
        "it is not recorded since when {0} does not sign any more: run `gatecrumb key rotate`, which records it and retires \
         the key in time, or add --force: it signs users out whose tokens are in use"
    )]
    Unrecorded(String),
    /// The key signs.
    #[error("this is the signing key: run `gatecrumb key rotate` first")]
    Signs,
    /// It is the only key.
    #[error("this is the only key: run `gatecrumb key rotate` first")]
    Only,
    /// The set does not contain the key.
    #[error("no such key: {0} (list them with `gatecrumb key public`)")]
    Unknown(String),
}

impl KeySet {
    /// The rotation in progress, if its stage is recorded.
    #[must_use]
    pub fn rotation(&self) -> Option<&Rotation> {
        self.rotation.as_ref()
    }

    pub(super) fn is_at(&self, stage: Stage) -> bool {
        self.rotation
            .as_ref()
            .is_some_and(|rotation| rotation.stage == stage)
    }

    /// Whether the recorded rotation fits the keys.
    pub(super) fn agrees_with(&self, rotation: &Rotation) -> bool {
        let signs = rotation.kid == self.signing_kid;
        self.keys.kids().count() > 1
            && self.keys.kids().any(|kid| kid == rotation.kid)
            && signs == (rotation.stage != Stage::Published)
    }

    /// The stage of a set in which none is recorded. New keys come last.
    fn unrecorded(&self) -> Option<(Stage, &str)> {
        let last = self.keys.kids().last()?;
        let only = self.keys.kids().count() == 1;
        let stage = if last == self.signing_kid {
            Stage::Signing
        } else {
            Stage::Published
        };
        (self.rotation.is_none() && !only).then_some((stage, last))
    }

    /// When the step after the recorded stage may be taken.
    #[must_use]
    pub fn not_before(&self, waits: &Waits) -> Option<Timestamp> {
        let rotation = self.rotation.as_ref()?;
        // A lifetime that has become longer since counts too.
        let wait = rotation.since + waits.after(rotation.stage);
        Some(wait.max(rotation.not_before))
    }

    /// The next step of the rotation. Refused if it is too early, unless `force` is set.
    pub fn next_step(&self, now: Timestamp, waits: &Waits, force: bool) -> Result<Step, Refused> {
        let (stage, kid) = match (&self.rotation, self.unrecorded()) {
            (Some(rotation), _) => (rotation.stage, rotation.kid.as_str()),
            (None, Some((stage, kid))) if force => (stage, kid),
            (None, Some((stage, _))) => return Ok(Step::Record(stage)),
            (None, None) => return Ok(Step::Publish),
        };
        let early = self.not_before(waits).filter(|time| now < *time && !force);
        match (stage, early) {
            (Stage::Published, None) => Ok(Step::Sign(kid.to_owned())),
            (Stage::Published, Some(until)) => Err(Refused::TooEarlyToSign {
                kid: kid.to_owned(),
                until: until.rfc3339(),
            }),
            (Stage::Signing | Stage::Leaked, None) => Ok(Step::Retire(self.other_kids())),
            (Stage::Signing | Stage::Leaked, Some(until)) => {
                Err(too_early_to_retire(&self.other_kids().join(", "), until, waits))
            }
        }
    }

    /// Takes a step that [`Self::next_step`] or [`Self::retirement`] returned for these keys.
    pub fn take(
        &mut self,
        step: &Step,
        now: Timestamp,
        waits: &Waits,
        randomness: &dyn Randomness,
    ) -> Result<(), NoRandomness> {
        match step {
            Step::Publish => {
                let kid = self.add(randomness)?;
                self.begin(Stage::Published, kid, now, waits);
            }
            Step::Sign(kid) => {
                self.signing_kid.clone_from(kid);
                self.begin(Stage::Signing, kid.clone(), now, waits);
            }
            Step::Retire(kids) => {
                for kid in kids {
                    self.keys.remove(kid);
                }
                let rotation = self.rotation.take();
                self.rotation = rotation.filter(|rotation| self.agrees_with(rotation));
            }
            Step::Record(stage) => {
                if let Some((_, kid)) = self.unrecorded() {
                    let kid = kid.to_owned();
                    self.begin(*stage, kid, now, waits);
                }
            }
        }
        Ok(())
    }

    /// Lets a new key sign immediately. The others have leaked: they are not public any more, and
    /// [`Self::next_step`] retires them.
    pub fn replace_leaked(
        &mut self,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<(), NoRandomness> {
        let kid = self.add(randomness)?;
        self.signing_kid.clone_from(&kid);
        self.rotation = Some(Rotation {
            stage: Stage::Leaked,
            kid,
            since: now,
            not_before: now,
        });
        Ok(())
    }

    /// The step that removes one key. Refused if the key signs, or if its tokens may be in use, unless `force` is set.
    pub fn retirement(&self, kid: &str, now: Timestamp, waits: &Waits, force: bool) -> Result<Step, Refused> {
        if !self.keys.kids().any(|other| other == kid) {
            return Err(Refused::Unknown(kid.to_owned()));
        }
        if self.keys.kids().count() == 1 {
            return Err(Refused::Only);
        }
        if self.signing_kid == kid {
            return Err(Refused::Signs);
        }
        let step = Step::Retire(vec![kid.to_owned()]);
        let rotation = match &self.rotation {
            _ if force => return Ok(step),
            None => return Err(Refused::Unrecorded(kid.to_owned())),
            Some(rotation) => rotation,
        };
        match (rotation.stage, self.not_before(waits)) {
            // It has signed nothing: the rotation is given up.
            (Stage::Published, _) if rotation.kid == kid => Ok(step),
            (Stage::Published, _) => Err(Refused::Unrecorded(kid.to_owned())),
            (Stage::Signing, Some(until)) if now < until => Err(too_early_to_retire(kid, until, waits)),
            (Stage::Signing | Stage::Leaked, _) => Ok(step),
        }
    }

    /// Adds a new key and returns its id.
    fn add(&mut self, randomness: &dyn Randomness) -> Result<String, NoRandomness> {
        let new = Self::generate(randomness)?;
        self.keys.extend(new.keys);
        Ok(new.signing_kid)
    }

    fn begin(&mut self, stage: Stage, kid: String, now: Timestamp, waits: &Waits) {
        self.rotation = Some(Rotation {
            stage,
            kid,
            since: now,
            not_before: now + waits.after(stage),
        });
    }
}

fn too_early_to_retire(kids: &str, until: Timestamp, waits: &Waits) -> Refused {
    Refused::TooEarlyToRetire {
        kids: kids.to_owned(),
        until: until.rfc3339(),
        idle: waits.session_idle.as_secs(),
    }
}

#[cfg(test)]
mod tests;
