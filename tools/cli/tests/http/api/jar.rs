//! The cookies in a browser's jar.

use gatecrumb_domain::{AccessClaims, RefreshClaims};
use gatecrumb_testkit::{fixtures, http::Browser};
use gatecrumb_tokens::{Verifier, VerifyingKeys};

pub(crate) const ACCESS: &str = "gatecrumb-access";
pub(crate) const REFRESH: &str = "gatecrumb-refresh";
pub(crate) const HINT: &str = "gatecrumb-hint";
pub(crate) const DEVICE: &str = "gatecrumb-device";

fn verifier() -> Verifier {
    let keys = VerifyingKeys::from_json(&fixtures::signing_keys().to_public_json()).unwrap();
    Verifier::new(&keys, fixtures::ISSUER, fixtures::ISSUER)
}

pub(crate) fn access_claims(browser: &Browser) -> AccessClaims {
    verifier().access(&browser.jar[ACCESS]).unwrap().even_if_expired()
}

pub(crate) fn refresh_claims(browser: &Browser) -> RefreshClaims {
    verifier()
        .refresh(&browser.jar[REFRESH])
        .unwrap()
        .even_if_expired()
}

/// Whether no session cookie is left. The device cookie remains after a session.
pub(crate) fn is_signed_out(browser: &Browser) -> bool {
    browser.jar.keys().all(|name| name == DEVICE)
}

pub(crate) fn put(browser: &mut Browser, name: &str, value: &str) {
    browser.jar.insert(name.to_owned(), value.to_owned());
}
