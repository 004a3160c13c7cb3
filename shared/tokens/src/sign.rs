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

/// A token could not be signed. No request can cause this.
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

/// A token's payload as serialized.
#[derive(Serialize)]
struct Payload<'a, C> {
    iss: &'a str,
    aud: &'a str,
    #[serde(flatten)]
    claims: &'a C,
}

impl Signer {
    /// A signer with the key `kid` of the set; `None` if the set does not contain that key.
    ///
    /// `issuer` and `audience` become `iss` and `aud`. The `aud` of refresh tokens also has
    /// [`REFRESH_AUDIENCE_SUFFIX`](crate::REFRESH_AUDIENCE_SUFFIX).
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
        // Allocated once: a string that grows leaves copies in memory.
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

#[cfg(test)]
mod tests {
    use gatecrumb_domain::{Acr, AuthenticationMethods, Roles, Timestamp};

    use super::*;

    /// A buffer that grew would have left a copy of the token in memory.
    #[test]
    fn a_token_exactly_fills_its_buffer() {
        let keys = SigningKeys::from_seed([1; 32]);
        let kid = keys.kids().next().unwrap().to_owned();
        // Payloads of every length modulo 3, because base64 encodes 3 bytes at a time.
        for length in 1..=6 {
            let signer = Signer::new(&keys, &kid, &"i".repeat(length), "audience").unwrap();
            let claims = AccessClaims {
                sub: "user".parse().unwrap(),
                sid: "session".parse().unwrap(),
                iat: Timestamp(0),
                exp: Timestamp(0),
                jti: "token".parse().unwrap(),
                roles: Roles::default(),
                auth_time: Timestamp(0),
                amr: AuthenticationMethods::password(),
                acr: Acr::Aal1,
            };
            let AccessToken(token) = signer.access(&claims).unwrap();
            assert_eq!(token.len(), token.capacity());
        }
    }
}
