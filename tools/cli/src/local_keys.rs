use gatecrumb_domain::random_bytes;
use gatecrumb_runtime::SystemRandomness;
use gatecrumb_tokens::{SigningKeys, device::DeviceKeys};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{Failure, state::State};

/// This machine's signing keys, and which of them signs.
pub struct LocalKeys {
    /// All of them.
    pub keys: SigningKeys,
    /// The one that signs.
    pub signing_kid: String,
}

#[derive(Deserialize)]
struct Signing {
    signing_kid: String,
}

impl LocalKeys {
    /// One new key.
    pub fn generate() -> Result<Self, Failure> {
        loop {
            let keys = SigningKeys::from_seed(random_bytes(&SystemRandomness)?);
            let signing_kid = keys.kids().next().unwrap_or_default().to_owned();
            // On a command line it must not pass for an option.
            if !signing_kid.starts_with('-') {
                return Ok(Self { keys, signing_kid });
            }
        }
    }

    /// From a JWK Set with a further member `signing_kid`.
    pub fn from_json(json: &str) -> Result<Self, Failure> {
        let keys =
            SigningKeys::from_json(json).map_err(|error| Failure::new(format!("the key file {error}")))?;
        let Signing { signing_kid } = serde_json::from_str(json)
            .map_err(|_| Failure::new("the key file does not say which key signs (signing_kid)"))?;
        if !keys.kids().any(|kid| kid == signing_kid) {
            return Err(Failure::new("the key file's signing_kid is not among its keys"));
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

/// This machine's device keys as JSON, made by the first start.
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
                "{file} {error}: delete it, and the next start makes another one"
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

    /// One key of 64 would.
    #[test]
    fn no_kid_begins_like_an_option() {
        for _ in 0..1000 {
            assert!(!LocalKeys::generate().unwrap().signing_kid.starts_with('-'));
        }
    }
}
