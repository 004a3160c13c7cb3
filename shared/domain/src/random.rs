/// The source failed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system returned no random bytes")]
pub struct NoRandomness;

/// A source of random bytes for keys, salts and identifiers. `gatecrumb-runtime` implements it with the operating
/// system's generator; tests may implement it with a counter.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` entirely. After an error, their content is unspecified.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// Draws `N` bytes from `randomness`.
pub fn random_bytes<const N: usize>(randomness: &dyn Randomness) -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    randomness.fill(&mut bytes)?;
    Ok(bytes)
}
