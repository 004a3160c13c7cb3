//! The time of the functions. A test moves the clock of its own server. `sam local` reads the machine's clock: for it,
//! tokens are signed again with earlier times.

use std::time::Duration;

use gatecrumb_domain::{AccessClaims, Clock as _, RefreshClaims, Timestamp};
use gatecrumb_runtime::now;
use gatecrumb_testkit::{fixtures, http::Browser};

use super::{ACCESS, Api, REFRESH, Running, access_claims, put, refresh_claims};

impl Api {
    /// The time of the functions.
    pub(crate) fn now(&self) -> Timestamp {
        match &self.running {
            Running::Here { host, .. } => host.now(),
            Running::Elsewhere(_) => now(),
        }
    }

    /// Moves the clock of the functions. Only [`Self::here`].
    pub(crate) fn advance(&self, time: Duration) {
        match &self.running {
            Running::Here { host, .. } => host.advance(time),
            Running::Elsewhere(_) => panic!("the clock of sam local is the machine's"),
        }
    }

    /// More than an access lifetime passes: access tokens expire, and refresh tokens are old enough to rotate.
    pub(crate) fn age<'b>(&self, browsers: impl IntoIterator<Item = &'b mut Browser>) {
        match &self.running {
            Running::Here { host, .. } => host.advance(fixtures::AGED),
            Running::Elsewhere(_) => {
                for browser in browsers {
                    self.expire_access(browser);
                    let mut claims = refresh_claims(browser);
                    claims.iat = now() - fixtures::AGED;
                    put_refresh(browser, &claims);
                }
            }
        }
    }

    /// Replaces the access token with an expired one.
    pub(crate) fn expire_access(&self, browser: &mut Browser) {
        let mut claims = access_claims(browser);
        claims.exp = self.now() - Duration::from_secs(1);
        put_access(browser, &claims);
    }

    /// Replaces the refresh token with an expired one.
    pub(crate) fn expire_refresh(&self, browser: &mut Browser) {
        let mut claims = refresh_claims(browser);
        claims.exp = self.now() - Duration::from_secs(1);
        put_refresh(browser, &claims);
    }
}

fn put_access(browser: &mut Browser, claims: &AccessClaims) {
    put(
        browser,
        ACCESS,
        fixtures::signer().access(claims).unwrap().expose(),
    );
}

fn put_refresh(browser: &mut Browser, claims: &RefreshClaims) {
    put(
        browser,
        REFRESH,
        fixtures::signer().refresh(claims).unwrap().expose(),
    );
}
