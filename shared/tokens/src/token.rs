use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, RefreshClaims, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The two kinds of tokens. `typ` prevents one from being accepted as the other (RFC 8725 section 3.11). So does `aud`
/// at another verifier that does not check `typ` (section 3.12).
pub(crate) trait Claims: for<'de> Deserialize<'de> + Serialize {
    /// The header's `typ`.
    const TYP: &'static str;
    /// What its `aud` has after the deployment's audience.
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

/// The end of a refresh token's `aud`, after the deployment's audience: only the refresh function accepts refresh
/// tokens.
pub const REFRESH_AUDIENCE_SUFFIX: &str = "#refresh";

/// The `aud` of this kind.
pub(crate) fn audience<C: Claims>(deployment: &str) -> String {
    format!("{deployment}{}", C::AUDIENCE_SUFFIX)
}

/// The encoded header of all tokens of this kind that the key `kid` signs. We write it in only this way: a token with
/// any other header is not ours.
pub(crate) fn header<C: Claims>(kid: &str) -> String {
    // A kid is base64url, so JSON needs no escapes.
    URL_SAFE_NO_PAD.encode(format!(r#"{{"typ":"{}","alg":"EdDSA","kid":"{kid}"}}"#, C::TYP))
}

macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// A bearer credential: its `Debug` output is redacted, and it is wiped from memory when dropped.
        #[derive(Clone)]
        pub struct $name(pub(crate) Zeroizing<String>);

        impl $name {
            /// The compact serialization (RFC 7515 section 7.1), only for the cookie.
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
