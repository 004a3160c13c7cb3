use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Roles, SessionId, Timestamp, TokenId, UserId};

/// What an access token says beside `iss` and `aud` (RFC 9068 section 2.2).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccessClaims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// When it was issued.
    pub iat: Timestamp,
    /// When it stops being accepted; never after the session's end.
    pub exp: Timestamp,
    /// The token's own id.
    pub jti: TokenId,
    /// The user's roles as they were when it was issued.
    pub roles: Roles,
}

/// What a refresh token says beside `iss` and `aud`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RefreshClaims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// The token's own id.
    pub jti: TokenId,
    /// The id of the token that it was minted from; the session's root for the first one.
    pub parent: TokenId,
    /// When it was issued: its age decides whether it rotates.
    pub iat: Timestamp,
    /// When it stops being accepted: the session's end as known at issue.
    pub exp: Timestamp,
}

/// The two kinds of token. `typ` keeps one from passing for the other (RFC 8725 section 3.11), and so does `aud` where a
/// verifier elsewhere forgets `typ` (section 3.12).
pub(crate) trait Claims: for<'de> Deserialize<'de> + Serialize {
    /// The header's `typ`.
    const TYP: &'static str;
    /// What its `aud` has after the deployment's own.
    const AUDIENCE_SUFFIX: &'static str;
    fn expires_at(&self) -> Timestamp;
    fn issued_at(&self) -> Timestamp;
}

impl Claims for AccessClaims {
    const TYP: &'static str = "at+jwt";
    const AUDIENCE_SUFFIX: &'static str = "";
    fn expires_at(&self) -> Timestamp {
        self.exp
    }
    fn issued_at(&self) -> Timestamp {
        self.iat
    }
}

impl Claims for RefreshClaims {
    const TYP: &'static str = "refresh+jwt";
    const AUDIENCE_SUFFIX: &'static str = REFRESH_AUDIENCE_SUFFIX;
    fn expires_at(&self) -> Timestamp {
        self.exp
    }
    fn issued_at(&self) -> Timestamp {
        self.iat
    }
}

/// A refresh token is for the refresh function alone: its `aud` is the deployment's with this behind it.
pub const REFRESH_AUDIENCE_SUFFIX: &str = "#refresh";

/// The `aud` of that kind.
pub(crate) fn audience<C: Claims>(deployment: &str) -> String {
    format!("{deployment}{}", C::AUDIENCE_SUFFIX)
}

/// The header of all tokens of that kind by that key, as it stands in them. There is no second way to write it: a token
/// with any other header is not ours.
pub(crate) fn header<C: Claims>(kid: &str) -> String {
    // A kid is base64url: it has nothing to escape.
    URL_SAFE_NO_PAD.encode(format!(r#"{{"typ":"{}","alg":"EdDSA","kid":"{kid}"}}"#, C::TYP))
}

macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// A bearer credential: its Debug shows nothing, and it is wiped from memory when dropped.
        #[derive(Clone)]
        pub struct $name(pub(crate) Zeroizing<String>);

        impl $name {
            /// The compact serialization (RFC 7515 section 7.1), for the cookie alone.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}

token! {
    /// A signed access token.
    AccessToken
}
token! {
    /// A signed refresh token.
    RefreshToken
}
