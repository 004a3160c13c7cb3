use gatecrumb_domain::random_bytes;
use gatecrumb_runtime::SystemRandomness;
use gatecrumb_tokens::device::DeviceKeys;
use zeroize::Zeroizing;

use crate::{Failure, KeySet, key::UnusableKeys, state::State};

/// The signing keys of this machine.
pub(crate) fn load(state: &State) -> Result<Option<KeySet>, Failure> {
    let json = state.read(&state.keys_file())?.map(Zeroizing::new);
    let parse = |json: Zeroizing<String>| {
        KeySet::from_json(&json, None).map_err(|error| {
            let help = match error {
                UnusableKeys::NoSigner | UnusableKeys::UnknownSigner => {
                    ": set it to the kid of the key that signs"
                }
                UnusableKeys::Keys(_) | UnusableKeys::Members => "",
            };
            Failure::new(format!(
                "{}: the key file {error}{help} (or restore the file from a copy, or move it away: the next start creates a \
                 new key, with which everybody has to sign in again)",
                state.keys_file().display()
            ))
        })
    };
    json.map(parse).transpose()
}

/// The signing keys of this machine. The first start creates them.
pub(crate) fn load_or_create(state: &State) -> Result<KeySet, Failure> {
    if let Some(keys) = load(state)? {
        return Ok(keys);
    }
    state.read_or_create(&state.keys_file(), || {
        Ok::<_, Failure>(KeySet::generate(&SystemRandomness)?.to_json())
    })?;
    load(state)?.ok_or_else(|| Failure::new("the new signing keys cannot be read: start again"))
}

pub(crate) fn save(keys: &KeySet, state: &State) -> Result<(), Failure> {
    state.create()?;
    state.write_private(&state.keys_file(), &keys.to_json())
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
