//! The size of the largest token, and `Debug` output.

use std::time::Duration;

use gatecrumb_domain::{AccessClaims, Acr, AuthenticationMethod, Role, Timestamp};
use gatecrumb_tokens::cookies::{CookieKind, CookiePolicy, SameSite};

use super::{access, keys, refresh, signer, signer_of};

#[test]
fn the_largest_token_fits_its_cookie() {
    let longest = |c: char| c.to_string().repeat(64);
    let roles: Vec<Role> = (0..16)
        .map(|n| format!("{n:02}{}", "r".repeat(30)).parse().unwrap())
        .collect();
    let claims = AccessClaims {
        sub: longest('u').parse().unwrap(),
        sid: longest('s').parse().unwrap(),
        jti: longest('j').parse().unwrap(),
        roles: roles.try_into().unwrap(),
        exp: Timestamp(u64::MAX),
        iat: Timestamp(u64::MAX),
        auth_time: Timestamp(u64::MAX),
        amr: AuthenticationMethod::ALL.to_vec().try_into().unwrap(),
        acr: Acr::Aal2,
    };
    let name = "n".repeat(255);
    let token = signer_of(&keys(1), &name, &name).access(&claims).unwrap();
    let policy = CookiePolicy::new(
        "n".repeat(32).parse().unwrap(),
        true,
        Some("d".repeat(253)),
        SameSite::None,
    )
    .unwrap();
    assert!(
        policy
            .set(CookieKind::Access, token.expose(), Duration::from_secs(900))
            .is_ok()
    );
}

#[test]
fn debug_output_is_redacted() {
    let token = signer().refresh(&refresh()).unwrap();
    assert_eq!(format!("{token:?}"), "RefreshToken(redacted)");
    assert_eq!(
        format!("{:?}", signer().access(&access()).unwrap()),
        "AccessToken(redacted)"
    );
}
