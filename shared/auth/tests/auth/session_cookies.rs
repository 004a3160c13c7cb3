use std::time::Duration;

use gatecrumb_auth::{Holder, IssueError, SessionCookies};
use gatecrumb_domain::{
    AccessClaims, Acr, Authentication, AuthenticationMethod, RefreshClaims, SessionId, Timestamp, UserId,
};

use crate::{
    fixtures::{ACCESS, Fixtures, NOW, roles, seconds, signer, verifier},
    set_cookie::SetCookie,
};

struct Ids {
    user: UserId,
    session: SessionId,
    authentication: Authentication,
}

fn ids() -> Ids {
    Ids {
        user: "user".parse().unwrap(),
        session: "session".parse().unwrap(),
        authentication: Authentication::by_password(NOW - seconds(7000)),
    }
}

impl Ids {
    fn ending(&self, session_ends_at: Timestamp) -> Holder<'_> {
        Holder {
            user: &self.user,
            session: &self.session,
            authentication: &self.authentication,
            session_ends_at,
        }
    }
}

async fn cookies() -> SessionCookies {
    Fixtures::new().await.cookies()
}

fn access_claims(cookie: &SetCookie<'_>) -> AccessClaims {
    verifier().access(cookie.value).unwrap().even_if_expired()
}

fn refresh_claims(cookie: &SetCookie<'_>) -> RefreshClaims {
    verifier().refresh(cookie.value).unwrap().even_if_expired()
}

#[tokio::test]
async fn an_access_cookie_holds_a_token_of_user_session_and_roles() {
    let (cookies, ids) = (cookies().await, ids());
    let (cookie, lifetime) = cookies
        .access(ids.ending(NOW + ACCESS * 2), roles(), NOW)
        .unwrap();
    assert_eq!(lifetime, ACCESS);
    let cookie = SetCookie::parse(&cookie);
    assert_eq!((cookie.name, cookie.max_age), ("__Host-gatecrumb-access", 900));
    let claims = access_claims(&cookie);
    assert_eq!((&claims.sub, &claims.sid), (&ids.user, &ids.session));
    assert_eq!((claims.iat, claims.exp), (NOW, NOW + ACCESS));
    assert_eq!(claims.roles, roles());
}

/// However late the token is issued, and with the level that the methods reach.
#[tokio::test]
async fn an_access_token_repeats_when_and_how_its_user_signed_in() {
    use AuthenticationMethod::{Hwk, Mfa, Otp, Pwd, User};
    let (cookies, mut ids) = (cookies().await, ids());
    for (methods, acr) in [
        (vec![Pwd], Acr::Aal1),
        (vec![Hwk, User], Acr::Aal1),
        (vec![Pwd, Otp], Acr::Aal2),
        (vec![Hwk, User, Mfa], Acr::Aal2),
    ] {
        ids.authentication.methods = methods.try_into().unwrap();
        for ago in [0, 1, 900, 5_000_000] {
            ids.authentication.time = NOW - seconds(ago);
            let (cookie, _) = cookies.access(ids.ending(NOW + ACCESS), roles(), NOW).unwrap();
            let claims = access_claims(&SetCookie::parse(&cookie));
            assert_eq!(claims.auth_time, ids.authentication.time);
            assert_eq!(
                (claims.amr, claims.acr),
                (ids.authentication.methods.clone(), acr)
            );
        }
    }
}

#[tokio::test]
async fn a_refresh_cookie_comes_with_a_hint_of_the_same_lifetime() {
    let (cookies, ids) = (cookies().await, ids());
    let holder = ids.ending(NOW + seconds(5000));
    let [refresh, hint] = cookies.refresh(holder, "parent".parse().unwrap(), NOW).unwrap();
    let (refresh, hint) = (SetCookie::parse(&refresh), SetCookie::parse(&hint));
    assert_eq!(
        (refresh.name, refresh.max_age),
        ("__Host-gatecrumb-refresh", 5000)
    );
    assert_eq!(
        (hint.name, hint.value, hint.max_age),
        ("__Host-gatecrumb-hint", "1", 5000)
    );
    let claims = refresh_claims(&refresh);
    assert_eq!((&claims.sub, &claims.sid), (&ids.user, &ids.session));
    assert_eq!((claims.iat, claims.exp), (NOW, NOW + seconds(5000)));
    assert_eq!(claims.parent.as_str(), "parent");
}

#[tokio::test]
async fn every_token_has_an_id_of_its_own() {
    let (cookies, ids) = (cookies().await, ids());
    let holder = ids.ending(NOW + ACCESS);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (access, _) = cookies.access(holder, roles(), NOW).unwrap();
        let [refresh, _] = cookies.refresh(holder, "parent".parse().unwrap(), NOW).unwrap();
        seen.push(access_claims(&SetCookie::parse(&access)).jti);
        seen.push(refresh_claims(&SetCookie::parse(&refresh)).jti);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn no_token_and_no_cookie_outlives_the_session() {
    let (cookies, ids) = (cookies().await, ids());
    for (session_ends_at, lifetime) in [
        (NOW + seconds(901), 900),
        (NOW + seconds(900), 900),
        (NOW + seconds(899), 899),
        (NOW + seconds(1), 1),
        (NOW, 0),
        // The session has ended: `Max-Age=0` clears the cookies.
        (NOW - seconds(1), 0),
    ] {
        let holder = ids.ending(session_ends_at);
        let (access, expires_in) = cookies.access(holder, roles(), NOW).unwrap();
        let access = SetCookie::parse(&access);
        assert_eq!(expires_in, Duration::from_secs(lifetime), "{session_ends_at}");
        assert_eq!(access.max_age, lifetime, "{session_ends_at}");
        assert_eq!(access_claims(&access).exp, session_ends_at.min(NOW + ACCESS));
        let [refresh, hint] = cookies.refresh(holder, "parent".parse().unwrap(), NOW).unwrap();
        let (refresh, hint) = (SetCookie::parse(&refresh), SetCookie::parse(&hint));
        assert_eq!(refresh_claims(&refresh).exp, session_ends_at);
        let left = session_ends_at.since(NOW).as_secs();
        assert_eq!((refresh.max_age, hint.max_age), (left, left), "{session_ends_at}");
    }
}

#[tokio::test]
async fn missing_randomness_and_oversized_tokens_are_errors() {
    let (fixtures, ids) = (Fixtures::new().await, ids());
    let holder = ids.ending(NOW + ACCESS);
    let mut cookies = fixtures.cookies();
    fixtures.randomness.leave(0);
    let access = cookies.access(holder, roles(), NOW).unwrap_err();
    assert!(matches!(access, IssueError::Randomness(_)), "{access}");
    let refresh = cookies
        .refresh(holder, "parent".parse().unwrap(), NOW)
        .unwrap_err();
    assert!(matches!(refresh, IssueError::Randomness(_)), "{refresh}");

    fixtures.randomness.leave(2);
    cookies.signer = signer(&"x".repeat(4000));
    let access = cookies.access(holder, roles(), NOW).unwrap_err();
    assert!(matches!(access, IssueError::TooLarge(_)), "{access}");
    let refresh = cookies
        .refresh(holder, "parent".parse().unwrap(), NOW)
        .unwrap_err();
    assert!(matches!(refresh, IssueError::TooLarge(_)), "{refresh}");
}
