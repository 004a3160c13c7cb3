//! Properties of all tokens and all bytes.

use std::time::Duration;

use gatecrumb_domain::{
    AccessClaims, Acr, AuthenticationMethod, Role, SessionId, Timestamp, TokenId, UserId,
};
use gatecrumb_tokens::cookies::{CookieKind, CookieName, CookiePolicy, PresentedCookies, SameSite};
use proptest::prelude::*;

use super::{signer, verifier};

fn id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_-]{1,64}"
}

prop_compose! {
    fn any_access()(
        sub in id(), sid in id(), jti in id(), iat in 0..u64::from(u32::MAX), exp in 0..u64::from(u32::MAX),
        roles in proptest::collection::vec("[A-Za-z0-9.:/_-]{1,32}", 0..16),
        auth_time in 0..u64::from(u32::MAX), amr in proptest::sample::subsequence(AuthenticationMethod::ALL.to_vec(), 1..=AuthenticationMethod::ALL.len()),
        acr in proptest::sample::select(vec![Acr::Aal1, Acr::Aal2]),
    ) -> AccessClaims {
        let roles: Vec<Role> = roles.into_iter().map(|role| role.parse().unwrap()).collect();
        AccessClaims {
            sub: UserId::try_from(sub).unwrap(),
            sid: SessionId::try_from(sid).unwrap(),
            jti: TokenId::try_from(jti).unwrap(),
            iat: Timestamp(iat),
            exp: Timestamp(exp),
            roles: roles.try_into().unwrap(),
            auth_time: Timestamp(auth_time),
            amr: amr.try_into().unwrap(),
            acr,
        }
    }
}

proptest! {
    #[test]
    fn any_claims_round_trip(claims in any_access()) {
        let token = signer().access(&claims).unwrap();
        prop_assert_eq!(verifier().access(token.expose()).unwrap().even_if_expired(), claims);
    }

    #[test]
    fn any_change_of_any_byte_is_rejected(claims in any_access(), index in any::<prop::sample::Index>(), byte: u8) {
        let token = signer().access(&claims).unwrap();
        let mut bytes = token.expose().as_bytes().to_vec();
        let index = index.index(bytes.len());
        prop_assume!(bytes[index] != byte);
        bytes[index] = byte;
        prop_assert!(verifier().access(&String::from_utf8_lossy(&bytes)).is_err());
    }

    #[test]
    fn any_prefix_or_addition_is_rejected(claims in any_access(), cut in 1_usize..40, tail in "[ -~]{1,8}") {
        let token = signer().access(&claims).unwrap();
        let text = token.expose();
        prop_assert!(verifier().access(&text[..text.len() - cut]).is_err());
        let longer = format!("{text}{tail}");
        prop_assert!(verifier().access(&longer).is_err());
    }

    #[test]
    fn verifying_junk_never_panics(text in "\\PC{0,300}", dotted in "[A-Za-z0-9_-]{0,80}(\\.[A-Za-z0-9_-]{0,80}){0,3}") {
        prop_assert!(verifier().access(&text).is_err());
        prop_assert!(verifier().refresh(&dotted).is_err());
    }

    #[test]
    fn a_cookie_header_never_panics(header in proptest::collection::vec(any::<u8>(), 0..400), secure: bool) {
        let policy = CookiePolicy::new(CookieName::default(), secure, None, SameSite::Lax).unwrap();
        let cookies = PresentedCookies::parse([header.as_slice()], &policy);
        prop_assert!(cookies.access.iter().map(str::len).sum::<usize>() <= header.len());
    }

    #[test]
    fn the_value_of_a_set_cookie_round_trips(value in "[A-Za-z0-9._-]{1,200}", secure: bool, others in "[a-z]{1,8}=[a-z]{0,8}") {
        let policy = CookiePolicy::new(CookieName::default(), secure, None, SameSite::Lax).unwrap();
        let set = policy.set(CookieKind::Refresh, &value, Duration::from_secs(1)).unwrap();
        let pair = set.split(';').next().unwrap();
        let header = format!("{others}; {pair}");
        let cookies = PresentedCookies::parse([header.as_bytes()], &policy);
        prop_assert_eq!(cookies.refresh.iter().collect::<Vec<_>>(), [value.as_str()]);
    }
}
