use gatecrumb_domain::random_bytes;
use gatecrumb_runtime::SystemRandomness;
use gatecrumb_tokens::{SigningKeys, device::DeviceKeys};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{Failure, state::State};

/// The signing keys of this machine.
pub struct LocalKeys {
    /// All keys that verify; one of them signs.
    pub keys: SigningKeys,
    /// The id of the key that signs.
    pub signing_kid: String,
}

#[derive(Deserialize)]
struct Signing {
    signing_kid: String,
}

impl LocalKeys {
    /// A set of one new key.
    pub fn generate() -> Result<Self, Failure> {
        loop {
            let keys = SigningKeys::from_seed(random_bytes(&SystemRandomness)?);
            let signing_kid = keys.kids().next().unwrap_or_default().to_owned();
            // A leading hyphen would make the kid look like an option on the command line.
            if !signing_kid.starts_with('-') {
                return Ok(Self { keys, signing_kid });
            }
        }
    }

    /// Parses a JWK Set with the additional member `signing_kid`.
    pub fn from_json(json: &str) -> Result<Self, Failure> {
        let keys =
            SigningKeys::from_json(json).map_err(|error| Failure::new(format!("the key file {error}")))?;
        let Signing { signing_kid } = serde_json::from_str(json).map_err(|_| {
            Failure::new("the key file has no valid signing_kid: set it to the kid of the key that signs")
        })?;
        if !keys.kids().any(|kid| kid == signing_kid) {
            return Err(Failure::new(
                "signing_kid in the key file names none of its keys: set it to the kid of the key that signs",
            ));
        }
        Ok(Self { keys, signing_kid })
    }

    pub(crate) fn load(state: &State) -> Result<Option<Self>, Failure> {
        let json = state.read(&state.keys_file())?.map(Zeroizing::new);
        let parse = |json: Zeroizing<String>| {
            Self::from_json(&json).map_err(|error| {
                Failure::new(format!(
                    "{}: {error} (or restore the file from a copy, or move it away: the next start creates a new key, \
                     with which everybody has to sign in again)",
                    state.keys_file().display()
                ))
            })
        };
        json.map(parse).transpose()
    }

    /// The keys of this machine. The first start creates them.
    pub(crate) fn load_or_create(state: &State) -> Result<Self, Failure> {
        if let Some(keys) = Self::load(state)? {
            return Ok(keys);
        }
        state.read_or_create(&state.keys_file(), || Ok(Self::generate()?.to_json()))?;
        Self::load(state)?.ok_or_else(|| Failure::new("the new signing keys cannot be read: start again"))
    }

    pub(crate) fn save(&self, state: &State) -> Result<(), Failure> {
        state.create()?;
        state.write_private(&state.keys_file(), &self.to_json())
    }

    fn to_json(&self) -> Zeroizing<String> {
        let set = self.keys.to_private_json();
        let members = set.trim_start_matches('{');
        Zeroizing::new(format!("{{\"signing_kid\":\"{}\",{members}", self.signing_kid))
    }
}

/// The device keys of this machine as JSON. The first start creates them.
pub(crate) fn device_keys(state: Option<&State>) -> Result<Zeroizing<String>, Failure> {
    let generate = || Ok::<_, Failure>(DeviceKeys::new_json(random_bytes(&SystemRandomness)?));
    let Some(state) = state else {
        return generate();
    };
    let path = state.device_keys_file();
    let json = state.read_or_create(&path, generate)?;
    DeviceKeys::from_json(&json).map_err(|error| {
        let file = path.display();
        Failure::new(format!(
            "{file} {error}: delete it, and the next start creates a new one"
        ))
    })?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without the loop, one kid in 64 would begin with a hyphen.
    #[test]
    fn no_kid_looks_like_an_option() {
        for _ in 0..1000 {
            assert!(!LocalKeys::generate().unwrap().signing_kid.starts_with('-'));
        }
    }
}
