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

/// Of one cookie's values so many different ones have their signature checked, some 50 µs each. API Gateway's limit of
/// 10,240 bytes for all headers holds fewer values that get so far, so that none pushes out another.
const MAX_CHECKED: usize = 32;

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

/// What kind of values came under one cookie's name. It needs no signature.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Came {
    /// A token of another issuer: a neighbour's on the same host, to be left alone.
    pub foreign: bool,
    /// Anything else, be it a token or not.
    pub ours: bool,
}

/// What came under one cookie's name.
#[derive(Clone, Debug)]
pub struct Found<C> {
    /// Of what kind.
    pub came: Came,
    tokens: Vec<Authentic<C>>,
}

#[expect(private_bounds, reason = "the two kinds of claims are all there are")]
impl<C: Claims> Found<C> {
    /// The tokens that verify, each once and the newest first; of two of the same second, the one that came last.
    #[must_use]
    pub fn authentic(self) -> Vec<Authentic<C>> {
        self.tokens
    }

    /// The tokens that verify and have not expired, in that order.
    pub fn unexpired(self, now: Timestamp) -> Vec<C> {
        let unexpired = self.tokens.into_iter().map(|token| token.unexpired(now));
        unexpired.filter_map(Result::ok).collect()
    }

    /// The newest of the tokens that verify and have not expired; `Expired` when they all have, none without any.
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

/// What all tokens of one kind share.
struct Kind {
    audience: String,
    /// Public keys by the header of the tokens that they sign. The exact header pins `alg`, `typ` (RFC 8725 section
    /// 3.11) and `kid`, and leaves no place for `crit` (RFC 7515 section 4.1.11).
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

/// The claims that both kinds have beside those of [`Claims`].
#[derive(Deserialize)]
struct Envelope {
    iss: String,
    aud: Option<String>,
}

/// What a value is, as far as that shows without checking a signature.
enum Form<'a, C> {
    Ours(Unverified<'a, C>),
    Foreign,
    Junk,
}

/// A token that is right in everything but perhaps its signature.
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
        // `Authentic` checks it, against a clock that is a parameter and without jsonwebtoken's 60 s of leeway.
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
    /// A verifier of tokens that carry exactly this `iss`, and exactly this `aud` or, refresh tokens, the one made of it.
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

    /// Sorts and verifies the values of the access cookie.
    #[must_use]
    pub fn access_tokens(&self, candidates: &Candidates) -> Found<AccessClaims> {
        self.find(&self.access, candidates)
    }

    /// Sorts and verifies the values of the refresh cookie.
    #[must_use]
    pub fn refresh_tokens(&self, candidates: &Candidates) -> Found<RefreshClaims> {
        self.find(&self.refresh, candidates)
    }

    /// Sorts the values of a cookie and verifies none.
    #[must_use]
    pub fn came(&self, candidates: &Candidates) -> Came {
        let foreign = candidates.iter().filter(|token| self.is_foreign(token)).count();
        Came::of(candidates, foreign)
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
            came: Came::of(candidates, foreign),
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
        let is_whole = envelope.claims.aud.as_ref() == Some(&kind.audience)
            && serde_json::from_slice::<C>(&envelope.payload).is_ok()
            && URL_SAFE_NO_PAD
                .decode(signature)
                .is_ok_and(|signature| signature.len() == SIGNATURE_BYTES);
        match kind.keys.get(envelope.header) {
            Some(key) if is_whole => Form::Ours(Unverified {
                token,
                key,
                validation: &kind.validation,
                kind: PhantomData,
            }),
            _ => Form::Junk,
        }
    }

    fn is_foreign(&self, token: &str) -> bool {
        envelope(token).is_some_and(|opened| opened.claims.iss != self.issuer)
    }
}

impl Came {
    fn of(candidates: &Candidates, foreign: usize) -> Self {
        Self {
            foreign: foreign > 0,
            ours: candidates.came() > foreign,
        }
    }
}

struct Opened<'a> {
    header: &'a str,
    payload: Vec<u8>,
    claims: Envelope,
}

/// Opens what may be a token: the compact serialization (RFC 7515 section 7.1) of an object with an `iss`.
fn envelope(token: &str) -> Option<Opened<'_>> {
    let mut parts = token.split('.');
    let (header, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    // serde would take an array of the fields' values for a struct.
    let claims = payload
        .starts_with(b"{")
        .then(|| serde_json::from_slice(&payload).ok())??;
    Some(Opened {
        header,
        payload,
        claims,
    })
}
