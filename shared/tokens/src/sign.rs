use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    AccessClaims, AccessToken, RefreshClaims, RefreshToken, SigningKeys, crypto,
    token::Claims as KindOfClaims,
};

/// A token could not be signed. Nothing that a visitor sends leads here.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed: {0}")]
pub struct MintError(#[from] jsonwebtoken::errors::Error);

/// Signs tokens with one key.
pub struct Signer {
    kid: String,
    key: EncodingKey,
    issuer: String,
    audience: String,
    pseudonyms: ring::hmac::Key,
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
    /// `issuer` and `audience` become `iss` and `aud`.
    #[must_use]
    pub fn new(keys: &SigningKeys, kid: &str, issuer: &str, audience: &str) -> Option<Self> {
        crypto::install();
        let seed = keys.seed(kid)?;
        Some(Self {
            key: crypto::encoding_key(seed),
            pseudonyms: crypto::pseudonym_key(seed),
            kid: kid.to_owned(),
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// What stands for a text that must be told apart from others, but not be read, in logs and keys of the table:
    /// 22 characters of its HMAC-SHA256. It changes with the key that signs.
    #[must_use]
    pub fn pseudonym(&self, text: &str) -> String {
        crypto::pseudonym(&self.pseudonyms, text)
    }

    /// Signs an access token.
    pub fn access(&self, claims: &AccessClaims) -> Result<AccessToken, MintError> {
        self.mint(claims).map(AccessToken)
    }

    /// Signs a refresh token.
    pub fn refresh(&self, claims: &RefreshClaims) -> Result<RefreshToken, MintError> {
        self.mint(claims).map(RefreshToken)
    }

    fn mint<C: KindOfClaims + Serialize>(&self, claims: &C) -> Result<Zeroizing<String>, MintError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(C::TYP.to_owned());
        header.kid = Some(self.kid.clone());
        let payload = Payload {
            iss: &self.issuer,
            aud: &self.audience,
            claims,
        };
        Ok(Zeroizing::new(jsonwebtoken::encode(
            &header, &payload, &self.key,
        )?))
    }
}
