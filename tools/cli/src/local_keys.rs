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
        json.map(|json| Self::from_json(&json)).transpose()
    }

    pub(crate) fn save(&self, state: &State) -> Result<(), Failure> {
        state.create()?;
        let set = self.keys.to_private_json();
        let members = set.trim_start_matches('{');
        let json = Zeroizing::new(format!("{{\"signing_kid\":\"{}\",{members}", self.signing_kid));
        state.write_private(&state.keys_file(), &json)
    }
}

/// The device keys of this machine as JSON. The first start creates them.
pub(crate) fn device_keys(state: Option<&State>) -> Result<Zeroizing<String>, Failure> {
    let generate = || Ok::<_, Failure>(DeviceKeys::new_json(random_bytes(&SystemRandomness)?));
    let Some(state) = state else {
        return generate();
    };
    let path = state.device_keys_file();
    if let Some(json) = state.read(&path)?.map(Zeroizing::new) {
        DeviceKeys::from_json(&json).map_err(|error| {
            let file = path.display();
            Failure::new(format!(
                "{file} {error}: delete it, and the next start creates a new one"
            ))
        })?;
        return Ok(json);
    }
    let json = generate()?;
    state.create()?;
    state.write_private(&path, &json)?;
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
