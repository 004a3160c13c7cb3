use gatecrumb_domain::SessionId;
use gatecrumb_runtime::SystemRandomness;

use crate::{Failure, state::State};

/// A random issuer for a local table. Browsers send the cookies of localhost to every port: two projects with the same
/// issuer would treat each other's tokens as broken ones of their own, and clear them.
pub(crate) fn generate() -> Result<String, Failure> {
    Ok(format!(
        "gatecrumb-local-{}",
        SessionId::random(&SystemRandomness)?
    ))
}

/// The issuer in the state directory; creates one if there is none.
pub(crate) fn load_or_create(state: &State) -> Result<String, Failure> {
    let stored = state.read(&state.issuer_file())?.unwrap_or_default();
    if !stored.trim_ascii().is_empty() {
        return Ok(stored.trim_ascii().to_owned());
    }
    let issuer = generate()?;
    state.create()?;
    state.write_private(&state.issuer_file(), &issuer)?;
    Ok(issuer)
}
