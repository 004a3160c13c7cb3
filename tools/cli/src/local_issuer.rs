use gatecrumb_domain::SessionId;
use gatecrumb_runtime::SystemRandomness;

use crate::{Failure, state::State};

/// A new issuer for a table of this machine. Browsers share cookies between the ports of localhost: two projects with
/// one issuer would take one another's tokens for broken ones of their own, and clear them.
pub(crate) fn generate() -> Result<String, Failure> {
    Ok(format!(
        "gatecrumb-local-{}",
        SessionId::random(&SystemRandomness)?
    ))
}

/// The issuer of the directory's tokens, made when it has none.
pub(crate) fn load_or_make(state: &State) -> Result<String, Failure> {
    let kept = state.read(&state.issuer_file())?.unwrap_or_default();
    if !kept.trim_ascii().is_empty() {
        return Ok(kept.trim_ascii().to_owned());
    }
    let issuer = generate()?;
    state.create()?;
    state.write_private(&state.issuer_file(), &issuer)?;
    Ok(issuer)
}
