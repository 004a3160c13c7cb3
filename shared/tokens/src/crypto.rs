//! Ed25519 and SHA-256 from `ring`, which the TLS stack links anyway. jsonwebtoken requires a cryptography provider;
//! its own ones would add RSA and the NIST curves to every function.

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
};
use ring::{
    digest,
    signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey},
};
use signature::{Error, Verifier};

static RING: CryptoProvider = CryptoProvider {
    signer_factory: no_signer,
    verifier_factory,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes `ring` the cryptography provider of jsonwebtoken in this process. Must run before any token is verified.
pub(crate) fn install() {
    // It fails if a provider is installed already, which is this one: no other code in the process uses jsonwebtoken.
    let _ = RING.install_default();
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// The key pair of a seed, which is the `d` of RFC 8037. Computing the public key costs as much as a signature.
pub(crate) fn key_pair(seed: &[u8; 32]) -> Option<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed).ok()
}

struct RingVerifier(Vec<u8>);

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .map_err(|_| Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

/// [`crate::Signer`] does not sign with jsonwebtoken, which would compute the public key for every token.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is jsonwebtoken's"
)]
fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is jsonwebtoken's"
)]
fn verifier_factory(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    match algorithm {
        Algorithm::EdDSA => Ok(Box::new(RingVerifier(key.try_get_as_bytes()?.to_vec()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}
