//! Ed25519 and SHA-256 by `ring`, which the TLS stack links anyway.

use ring::{
    digest,
    signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey},
};

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// The pair of a seed, the `d` of RFC 8037. Its public half costs as much to compute as a signature.
pub(crate) fn key_pair(seed: &[u8; 32]) -> Option<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed).ok()
}

/// Whether the signature (64 bytes, RFC 8032 section 5.1.6) of that message is of that public key, 32 bytes.
pub(crate) fn is_signed(x: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, x)
        .verify(message, signature)
        .is_ok()
}
