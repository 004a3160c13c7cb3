use std::collections::HashMap;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use crate::{
    AccessClaims, RefreshClaims, Timestamp, VerifyingKeys, cookies::Candidates, crypto, token::Claims,
};

/// A token that was not made by us, was made for something else, or was changed on its way.
///
/// It says no more: which check failed is nobody's business.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not one of our tokens")]
pub struct Invalid;

/// A token of ours whose time is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the token has expired")]
pub struct Expired;

/// Claims whose signature, `alg`, `typ`, `crit`, `kid`, `iss` and `aud` are good, but whose time may be over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authentic<C>(C);

#[expect(private_bounds, reason = "the two kinds of claims are all there are")]
impl<C: Claims> Authentic<C> {
    /// The claims, if `exp` has not come yet. No leeway (RFC 7519 section 4.1.4 allows some): whoever issued
    /// the token and whoever reads it share Lambda's clocks.
    pub fn unexpired(self, now: Timestamp) -> Result<C, Expired> {
        if now < self.0.expires_at() {
            Ok(self.0)
        } else {
            Err(Expired)
        }
    }

    /// The claims of a token that may have run out: enough to end its session, for nothing else.
    pub fn even_if_expired(self) -> C {
        self.0
    }
}

/// Verifies tokens with public keys.
pub struct Verifier {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

impl Verifier {
    /// A verifier of tokens that carry exactly this `iss` and `aud`.
    #[must_use]
    pub fn new(keys: &VerifyingKeys, issuer: &str, audience: &str) -> Self {
        crypto::install();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // `Authentic` checks it, against a clock that is a parameter and without jsonwebtoken's 60 s of leeway.
        validation.validate_exp = false;
        let keys = keys
            .0
            .iter()
            .map(|key| (key.kid.clone(), DecodingKey::from_ed_der(&key.x)))
            .collect();
        Self { keys, validation }
    }

    /// Verifies one access token.
    pub fn access(&self, token: &str) -> Result<Authentic<AccessClaims>, Invalid> {
        self.verify(token)
    }

    /// Verifies one refresh token.
    pub fn refresh(&self, token: &str) -> Result<Authentic<RefreshClaims>, Invalid> {
        self.verify(token)
    }

    /// Of several access cookies the newest that verifies.
    pub fn newest_access(&self, candidates: &Candidates) -> Result<Authentic<AccessClaims>, Invalid> {
        self.newest(candidates)
    }

    /// Of several refresh cookies the newest that verifies.
    pub fn newest_refresh(&self, candidates: &Candidates) -> Result<Authentic<RefreshClaims>, Invalid> {
        self.newest(candidates)
    }

    fn newest<C: Claims>(&self, candidates: &Candidates) -> Result<Authentic<C>, Invalid> {
        let authentic = candidates.iter().filter_map(|token| self.verify::<C>(token).ok());
        authentic.max_by_key(|token| token.0.issued_at()).ok_or(Invalid)
    }

    fn verify<C: Claims>(&self, token: &str) -> Result<Authentic<C>, Invalid> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Invalid)?;
        // jsonwebtoken leaves `typ` (RFC 8725 section 3.11) and `crit` (RFC 7515 section 4.1.11) to its caller.
        if header.typ.as_deref() != Some(C::TYP) || header.crit.is_some() {
            return Err(Invalid);
        }
        let key = header.kid.and_then(|kid| self.keys.get(&kid)).ok_or(Invalid)?;
        let data = jsonwebtoken::decode::<C>(token, key, &self.validation).map_err(|_| Invalid)?;
        Ok(Authentic(data.claims))
    }
}
