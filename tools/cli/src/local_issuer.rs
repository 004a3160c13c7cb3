use gatecrumb_domain::SessionId;
use gatecrumb_runtime::SystemRandomness;

use crate::{Failure, state::State};

/// As for the variable `ISSUER`.
const MAX_BYTES: usize = 255;

/// A random issuer for a local table. Browsers send the cookies of localhost to every port: two projects with the same
/// issuer would treat each other's tokens as broken ones of their own, and clear them.
pub(crate) fn generate() -> Result<String, Failure> {
    Ok(format!(
        "gatecrumb-local-{}",
        SessionId::random(&SystemRandomness)?
    ))
}

/// The issuer in the state directory; creates one if there is none. Whoever edits the file can choose another one.
pub(crate) fn load_or_create(state: &State) -> Result<String, Failure> {
    let path = state.issuer_file();
    let stored = state.read_or_create(&path, generate)?;
    let issuer = stored.trim_ascii();
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if issuer.len() > MAX_BYTES || !issuer.bytes().all(plain) {
        return Err(Failure::new(format!(
            "{} is not an issuer of tokens (1 to {MAX_BYTES} visible ASCII characters without quotes and backslashes): \
             delete it, and the next start creates a new one, with which everybody has to sign in again",
            path.display()
        )));
    }
    Ok(issuer.to_owned())
}
