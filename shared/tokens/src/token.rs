use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{AccessClaims, RefreshClaims, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

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
