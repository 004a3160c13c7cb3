use ring::digest;

/// The first 64 bits of the SHA-256 of `bytes`.
pub(crate) fn sha256_start(bytes: &[u8]) -> u64 {
    let mut start = [0; 8];
    start.copy_from_slice(&digest::digest(&digest::SHA256, bytes).as_ref()[..8]);
    u64::from_be_bytes(start)
}
