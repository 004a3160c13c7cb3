/// The source gave no random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

/// A source of random bytes fit for keys, salts and identifiers. `gatecrumb-runtime` draws them from the operating
/// system; a test may count instead.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`, or none of them counts.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// `N` bytes of `randomness`.
pub fn random_bytes<const N: usize>(randomness: &dyn Randomness) -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    randomness.fill(&mut bytes)?;
    Ok(bytes)
}
