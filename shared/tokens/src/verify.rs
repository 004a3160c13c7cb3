use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    marker::PhantomData,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, RefreshClaims, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::{
    VerifyingKeys,
    cookies::Candidates,
    crypto,
    sign::SIGNATURE_BYTES,
    token::{self, Claims, header},
};

/// The maximum number of different values of one cookie whose signatures are verified, at about 50 µs each. API Gateway
/// limits all headers together to 10,240 bytes. Fewer values that need a signature check fit into that, so no value
/// prevents another from being verified.
const MAX_CHECKED: usize = 32;

/// A token that we did not issue, that has another purpose, or that was changed.
///
/// It does not say which check failed: the sender must not learn that.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not one of our tokens")]
pub struct Invalid;

/// A token of ours that has expired.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the token has expired")]
pub struct Expired;

/// Claims whose signature, `alg`, `typ`, `crit`, `kid`, `iss` and `aud` have been verified, but not their expiry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authentic<C>(C);

#[expect(private_bounds, reason = "the two kinds of claims are all there are")]
impl<C: Claims> Authentic<C> {
    /// The claims, if `exp` is after `now`. There is no leeway, which RFC 7519 section 4.1.4 allows: the issuer and the
    /// verifier both use Lambda's clocks.
    pub fn unexpired(self, now: Timestamp) -> Result<C, Expired> {
        if now < self.0.expires_at() {
            Ok(self.0)
        } else {
            Err(Expired)
        }
    }

    /// The claims of a token that may have expired. Use them only to end its session.
    pub fn even_if_expired(self) -> C {
        self.0
    }
}

/// Which kinds of values a request has under one cookie's name. Determined without verifying signatures.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Received {
    /// A token of another issuer: another deployment on the same host set it and needs it.
    pub foreign: bool,
    /// Any other value, whether it is a token or not.
    pub ours: bool,
}

/// The tokens that a request has under one cookie's name.
#[derive(Clone, Debug)]
pub struct Found<C> {
    /// The kinds of all values, including those that do not verify.
    pub received: Received,
    tokens: Vec<Authentic<C>>,
}

#[expect(private_bounds, reason = "the two kinds of claims are all there are")]
impl<C: Claims> Found<C> {
    /// The tokens that verify, without duplicates, newest first. Of tokens issued in the same second, the last one in
    /// the request is first.
    #[must_use]
    pub fn authentic(self) -> Vec<Authentic<C>> {
        self.tokens
    }

    /// The tokens that verify and have not expired, in the order of [`Self::authentic`].
    pub fn unexpired(self, now: Timestamp) -> Vec<C> {
        let unexpired = self.tokens.into_iter().map(|token| token.unexpired(now));
        unexpired.filter_map(Result::ok).collect()
    }

    /// The newest of the tokens that verify and have not expired; `Expired` if all have expired; `None` if no token
    /// verifies.
    #[must_use]
    pub fn newest(self, now: Timestamp) -> Option<Result<C, Expired>> {
        let any = !self.tokens.is_empty();
        let newest = self.unexpired(now).into_iter().next();
        any.then(|| newest.ok_or(Expired))
    }
}

/// Verifies tokens with public keys.
pub struct Verifier {
    issuer: String,
    access: Kind,
    refresh: Kind,
}

/// What is the same for all tokens of a kind.
struct Kind {
    audience: String,
    /// Public keys by the header of the tokens that they verify. The exact header fixes `alg`, `typ` (RFC 8725 section
    /// 3.11) and `kid`, and excludes `crit` (RFC 7515 section 4.1.11).
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

/// The claims that both kinds have in addition to [`Claims`].
#[derive(Deserialize)]
struct Envelope {
    iss: String,
    aud: Option<String>,
}

/// What a value is, as far as can be determined without verifying its signature.
enum Form<'a, C> {
    Ours(Unverified<'a, C>),
    Foreign,
    Junk,
}

/// A token that is valid except that its signature has not been verified.
struct Unverified<'a, C> {
    token: &'a str,
    key: &'a DecodingKey,
    validation: &'a Validation,
    kind: PhantomData<C>,
}

impl<C: Claims> Unverified<'_, C> {
    fn verify(self) -> Result<Authentic<C>, Invalid> {
        let data = jsonwebtoken::decode::<C>(self.token, self.key, self.validation).map_err(|_| Invalid)?;
        Ok(Authentic(data.claims))
    }
}

impl Kind {
    fn of<C: Claims>(keys: &VerifyingKeys, issuer: &str, audience: &str) -> Self {
        crypto::install();
        let audience = token::audience::<C>(audience);
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[&audience]);
        // `Authentic` checks it, with the time as a parameter and without jsonwebtoken's leeway of 60 s.
        validation.validate_exp = false;
        let keys = keys.0.iter();
        let keys = keys.map(|key| (header::<C>(&key.kid), DecodingKey::from_ed_der(&key.x)));
        Self {
            audience,
            keys: keys.collect(),
            validation,
        }
    }
}

impl Verifier {
    /// A verifier of tokens with exactly this `iss` and `aud`. The `aud` of refresh tokens also has
    /// [`REFRESH_AUDIENCE_SUFFIX`](crate::REFRESH_AUDIENCE_SUFFIX).
    #[must_use]
    pub fn new(keys: &VerifyingKeys, issuer: &str, audience: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            access: Kind::of::<AccessClaims>(keys, issuer, audience),
            refresh: Kind::of::<RefreshClaims>(keys, issuer, audience),
        }
    }

    /// Verifies one access token.
    pub fn access(&self, token: &str) -> Result<Authentic<AccessClaims>, Invalid> {
        self.verify(&self.access, token)
    }

    /// Verifies one refresh token.
    pub fn refresh(&self, token: &str) -> Result<Authentic<RefreshClaims>, Invalid> {
        self.verify(&self.refresh, token)
    }

    /// Classifies and verifies the values of the access cookie.
    #[must_use]
    pub fn access_tokens(&self, candidates: &Candidates) -> Found<AccessClaims> {
        self.find(&self.access, candidates)
    }

    /// Classifies and verifies the values of the refresh cookie.
    #[must_use]
    pub fn refresh_tokens(&self, candidates: &Candidates) -> Found<RefreshClaims> {
        self.find(&self.refresh, candidates)
    }

    /// Classifies the values of a cookie without verifying them.
    #[must_use]
    pub fn classify(&self, candidates: &Candidates) -> Received {
        let foreign = candidates.iter().filter(|token| self.is_foreign(token)).count();
        Received::of(candidates, foreign)
    }

    fn find<C: Claims>(&self, kind: &Kind, candidates: &Candidates) -> Found<C> {
        let (mut foreign, mut checked, mut tokens) = (0, HashSet::new(), Vec::new());
        for token in candidates.iter() {
            match self.form::<C>(kind, token) {
                Form::Foreign => foreign += 1,
                Form::Ours(unverified) if checked.len() < MAX_CHECKED && checked.insert(token) => {
                    tokens.extend(unverified.verify());
                }
                Form::Ours(_) | Form::Junk => {}
            }
        }
        tokens.reverse();
        tokens.sort_by_key(|token| Reverse(token.0.issued_at()));
        Found {
            received: Received::of(candidates, foreign),
            tokens,
        }
    }

    fn verify<C: Claims>(&self, kind: &Kind, token: &str) -> Result<Authentic<C>, Invalid> {
        match self.form(kind, token) {
            Form::Ours(unverified) => unverified.verify(),
            Form::Foreign | Form::Junk => Err(Invalid),
        }
    }

    fn form<'a, C: Claims>(&self, kind: &'a Kind, token: &'a str) -> Form<'a, C> {
        let (Some(envelope), Some((_, signature))) = (envelope(token), token.rsplit_once('.')) else {
            return Form::Junk;
        };
        if envelope.claims.iss != self.issuer {
            return Form::Foreign;
        }
        let is_complete = envelope.claims.aud.as_ref() == Some(&kind.audience)
            && serde_json::from_slice::<C>(&envelope.payload).is_ok()
            && URL_SAFE_NO_PAD
                .decode(signature)
                .is_ok_and(|signature| signature.len() == SIGNATURE_BYTES);
        match kind.keys.get(envelope.header) {
            Some(key) if is_complete => Form::Ours(Unverified {
                token,
                key,
                validation: &kind.validation,
                kind: PhantomData,
            }),
            _ => Form::Junk,
        }
    }

    fn is_foreign(&self, token: &str) -> bool {
        envelope(token).is_some_and(|envelope| envelope.claims.iss != self.issuer)
    }
}

impl Received {
    fn of(candidates: &Candidates, foreign: usize) -> Self {
        Self {
            foreign: foreign > 0,
            ours: candidates.count() > foreign,
        }
    }
}

struct Decoded<'a> {
    header: &'a str,
    payload: Vec<u8>,
    claims: Envelope,
}

/// Decodes a string that may be a token: the compact serialization (RFC 7515 section 7.1) of an object with an `iss`.
fn envelope(token: &str) -> Option<Decoded<'_>> {
    let mut parts = token.split('.');
    let (header, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    // serde would also deserialize an array of the fields' values.
    let claims = payload
        .starts_with(b"{")
        .then(|| serde_json::from_slice(&payload).ok())??;
    Some(Decoded {
        header,
        payload,
        claims,
    })
}
