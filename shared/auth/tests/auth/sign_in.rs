mod previous;

use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_auth::{
    Client, CurrentSession, IssueError, NoSession,
    audit::Device,
    sign_in::{SignIn, SignInError, SignedIn, Visitor},
};
use gatecrumb_domain::{AuthenticationMethods, Timestamp, User};
use gatecrumb_tokens::{cookies::PresentedCookies, device::Browser};
use serde_json::json;
use tracing::Level;

use crate::{
    fixtures::{Fixtures, IDLE, MAX, NOW, devices, presented, seconds, verifier},
    log,
    set_cookie::SetCookie,
};

const DEVICE_LIFETIME: u64 = 400 * 24 * 3600;

fn client() -> Client {
    Client {
        address: Some("192.0.2.1".parse().unwrap()),
        user_agent: Some("browser".to_owned()),
    }
}

/// Signs `user` in, in a browser that sends `presented`.
async fn complete(
    sign_in: &SignIn,
    user: &User,
    presented: &PresentedCookies,
) -> Result<SignedIn, SignInError> {
    let browser = sign_in
        .devices
        .recognize(&user.username, presented.device.iter(), NOW);
    let visitor = Visitor {
        name: &user.username,
        browser: &browser,
        client: &client(),
    };
    let methods = AuthenticationMethods::password();
    sign_in.complete(user, methods, visitor, presented, NOW).await
}

fn parse(signed_in: &SignedIn) -> Vec<SetCookie<'_>> {
    signed_in
        .cookies
        .iter()
        .map(|cookie| SetCookie::parse(cookie))
        .collect()
}

/// Names and lifetimes.
fn lifetimes<'a>(cookies: &[SetCookie<'a>]) -> Vec<(&'a str, u64)> {
    cookies
        .iter()
        .map(|cookie| (cookie.name, cookie.max_age))
        .collect()
}

#[tokio::test]
async fn four_cookies_are_set_and_the_session_is_current() {
    let fixtures = Fixtures::new().await;
    let sign_in = fixtures.sign_in();
    let signed_in = complete(&sign_in, &fixtures.ada, &presented(&[])).await.unwrap();
    assert_eq!(fixtures.requests.take(), ["PutItem"]);
    let cookies = parse(&signed_in);
    let expected = [
        ("__Host-gatecrumb-access", 900),
        ("__Host-gatecrumb-refresh", 5000),
        ("__Host-gatecrumb-hint", 5000),
        ("__Host-gatecrumb-device", DEVICE_LIFETIME),
    ];
    assert_eq!(lifetimes(&cookies), expected);
    assert_eq!(signed_in.expires_in, seconds(900));
    let access = verifier()
        .access(cookies[0].value)
        .unwrap()
        .unexpired(NOW)
        .unwrap();
    assert_eq!(access.roles, fixtures.ada.roles);
    let presented = presented(&[&cookies[0].pair()]);
    let current = CurrentSession::load(&sign_in.verifier, &fixtures.store, &presented, NOW, NOW).await;
    assert_eq!(current.unwrap().user.id, fixtures.ada.id);
}

#[tokio::test]
async fn the_session_is_stored_and_its_root_is_the_refresh_tokens_parent() {
    let fixtures = Fixtures::new().await;
    fixtures.change(&fixtures.ada, Change::EndSessions).await;
    let ada = fixtures.store.user(&fixtures.ada.id).await.unwrap().unwrap();
    let sign_in = fixtures.sign_in();
    let signed_in = complete(&sign_in, &ada, &presented(&[])).await.unwrap();
    let cookies = parse(&signed_in);
    let access = verifier()
        .access(cookies[0].value)
        .unwrap()
        .unexpired(NOW)
        .unwrap();
    let refresh = verifier()
        .refresh(cookies[1].value)
        .unwrap()
        .unexpired(NOW)
        .unwrap();
    let sessions = fixtures.store.sessions(&ada.id).await.unwrap();
    let [session] = sessions.as_slice() else {
        panic!("{} sessions", sessions.len());
    };
    assert_eq!((&access.sub, &access.sid), (&ada.id, &session.id));
    assert_eq!((&refresh.sub, &refresh.sid), (&ada.id, &session.id));
    let state = &session.state;
    assert_eq!(refresh.parent, state.current);
    assert!(![&access.jti, &refresh.jti].contains(&&state.current));
    assert_eq!((state.created_at, state.rotated_at), (NOW, NOW));
    assert_eq!(
        (state.expires_at, state.absolute_expires_at),
        (NOW + IDLE, NOW + MAX)
    );
    assert_eq!(session.epoch, 1);
    assert_eq!(session.user_agent.as_deref(), Some("browser"));
    assert_eq!(session.ip.as_deref(), Some("192.0.2.1"));
}

#[tokio::test]
async fn only_the_device_cookie_outlives_the_session() {
    let fixtures = Fixtures::new().await;
    for (idle, max, access, refresh) in [(1000, 950, 900, 950), (1000, 800, 800, 800), (60, 800, 60, 60)] {
        let sign_in = SignIn {
            session_idle: seconds(idle),
            session_max: seconds(max),
            ..fixtures.sign_in()
        };
        let signed_in = complete(&sign_in, &fixtures.ada, &presented(&[])).await.unwrap();
        let ages = parse(&signed_in)
            .iter()
            .map(|cookie| cookie.max_age)
            .collect::<Vec<_>>();
        assert_eq!(ages, [access, refresh, refresh, DEVICE_LIFETIME], "{idle}, {max}");
        assert_eq!(signed_in.expires_in, seconds(access), "{idle}, {max}");
    }
}

#[tokio::test]
async fn a_new_browser_becomes_a_known_device_and_keeps_its_id() {
    let fixtures = Fixtures::new().await;
    let sign_in = fixtures.sign_in();
    let first = complete(&sign_in, &fixtures.ada, &presented(&[])).await.unwrap();
    let first = parse(&first)[3].pair();
    let second = complete(&sign_in, &fixtures.ada, &presented(&[&first]))
        .await
        .unwrap();
    let second = parse(&second)[3].pair();
    let device = |cookie: &str, name: &str, now: Timestamp| {
        let presented = presented(&[cookie]);
        let browser: Browser = devices().recognize(name, presented.device.iter(), now);
        browser.device().cloned()
    };
    let known = device(&first, "ada", NOW);
    assert!(known.is_some());
    assert_eq!(device(&second, "ada", NOW), known);
    assert_eq!(device(&first, "eve", NOW), None);
    // A second account in the same browser: both are known from now on, each with its own id.
    let eve = fixtures.user("eve").await;
    let third = complete(&sign_in, &eve, &presented(&[&second])).await.unwrap();
    let third = parse(&third)[3].pair();
    assert_eq!(device(&third, "ada", NOW), known);
    let eves = device(&third, "eve", NOW);
    assert!(eves.is_some() && eves != known);
    let last = NOW + seconds(DEVICE_LIFETIME - 1);
    assert_eq!(device(&third, "ada", last), known);
    assert_eq!(device(&third, "ada", last + seconds(1)), None);
}

#[tokio::test]
async fn a_sign_in_is_one_audit_event_without_a_token() {
    log::capture();
    let fixtures = Fixtures::new().await;
    let sign_in = fixtures.sign_in();
    let mut device = String::new();
    for expected in [Device::New, Device::Known] {
        let signed_in = complete(&sign_in, &fixtures.ada, &presented(&[&device]))
            .await
            .unwrap();
        let cookies = parse(&signed_in);
        let access = verifier()
            .access(cookies[0].value)
            .unwrap()
            .unexpired(NOW)
            .unwrap();
        let lines = log::take();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0].level, Level::INFO);
        let fields = json!({
            "event": "signed_in",
            "audit": true,
            "outcome": "success",
            "user": fixtures.ada.id.as_str(),
            "session": access.sid.fingerprint(),
            "device": if expected == Device::Known { "known" } else { "new" },
            "address": "192.0.2.1",
            "user_agent": "browser",
        });
        assert_eq!(lines[0].fields, fields);
        let line = lines[0].fields.to_string();
        for secret in [
            cookies[0].value,
            cookies[1].value,
            cookies[3].value,
            access.sid.as_str(),
        ] {
            assert!(!line.contains(secret), "{line}");
        }
        device = cookies[3].pair();
    }
}

/// The user was read before the password was checked; meanwhile an operator ended all sessions.
#[tokio::test]
async fn a_sign_in_under_way_does_not_survive_the_end_of_all_sessions() {
    let fixtures = Fixtures::new().await;
    let sign_in = fixtures.sign_in();
    fixtures.change(&fixtures.ada, Change::EndSessions).await;
    let signed_in = complete(&sign_in, &fixtures.ada, &presented(&[])).await.unwrap();
    let presented = presented(&[&parse(&signed_in)[0].pair()]);
    let current = CurrentSession::load(&sign_in.verifier, &fixtures.store, &presented, NOW, NOW).await;
    assert!(matches!(current, Err(NoSession::Ended)), "{current:?}");
}

#[tokio::test]
async fn a_sign_in_fails_without_randomness() {
    let fixtures = Fixtures::new().await;
    let sign_in = fixtures.sign_in();
    // One draw each for the ids of the session, its root, both tokens and the device.
    for draws in 0..5 {
        let user = fixtures.user(&format!("user{draws}")).await;
        fixtures.randomness.leave(draws);
        let error = complete(&sign_in, &user, &presented(&[])).await.unwrap_err();
        assert!(
            matches!(error, SignInError::Issue(IssueError::Randomness(_))),
            "{error:?}"
        );
        let rows = fixtures.sessions(&user).await.len();
        assert_eq!(rows, usize::from(draws >= 2), "{draws}");
        fixtures.randomness.leave(u64::MAX);
    }
    fixtures.randomness.leave(5);
    complete(&sign_in, &fixtures.ada, &presented(&[])).await.unwrap();
}
