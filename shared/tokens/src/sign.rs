use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, RefreshClaims};
use ring::signature::Ed25519KeyPair;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    AccessToken, RefreshToken, SigningKeys, crypto,
    token::{self, Claims, header},
};

/// RFC 8032 section 5.1.6.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// A token could not be signed. Nothing that a visitor sends leads here.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed: {0}")]
pub struct MintError(#[from] serde_json::Error);

/// Signs tokens with one key.
pub struct Signer {
    key: Ed25519KeyPair,
    access_header: String,
    refresh_header: String,
    issuer: String,
    access_audience: String,
    refresh_audience: String,
}

/// A token's payload as it goes over the wire.
#[derive(Serialize)]
struct Payload<'a, C> {
    iss: &'a str,
    aud: &'a str,
    #[serde(flatten)]
    claims: &'a C,
}

impl Signer {
    /// A signer with the key `kid` of the set; none when the set has no such key.
    ///
    /// `issuer` and `audience` become `iss` and `aud`; a refresh token's `aud` is made of the latter.
    #[must_use]
    pub fn new(keys: &SigningKeys, kid: &str, issuer: &str, audience: &str) -> Option<Self> {
        let seed = keys.seed(kid)?;
        Some(Self {
            key: crypto::key_pair(seed)?,
            access_header: header::<AccessClaims>(kid),
            refresh_header: header::<RefreshClaims>(kid),
            issuer: issuer.to_owned(),
            access_audience: token::audience::<AccessClaims>(audience),
            refresh_audience: token::audience::<RefreshClaims>(audience),
        })
    }

    /// Signs an access token.
    pub fn access(&self, claims: &AccessClaims) -> Result<AccessToken, MintError> {
        self.mint(&self.access_header, &self.access_audience, claims)
            .map(AccessToken)
    }

    /// Signs a refresh token.
    pub fn refresh(&self, claims: &RefreshClaims) -> Result<RefreshToken, MintError> {
        self.mint(&self.refresh_header, &self.refresh_audience, claims)
            .map(RefreshToken)
    }

    /// The compact serialization of RFC 7515 section 7.1.
    fn mint<C: Claims>(&self, header: &str, aud: &str, claims: &C) -> Result<Zeroizing<String>, MintError> {
        let payload = Payload {
            iss: &self.issuer,
            aud,
            claims,
        };
        let payload = serde_json::to_vec(&payload)?;
        // All of it at once: a string that grows leaves copies behind.
        let length = header.len() + base64_len(payload.len()) + base64_len(SIGNATURE_BYTES) + 2;
        let mut token = Zeroizing::new(String::with_capacity(length));
        token.push_str(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.key.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

const fn base64_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}
