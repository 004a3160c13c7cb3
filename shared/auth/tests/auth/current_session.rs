use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_auth::{CurrentSession, NoSession};
use gatecrumb_domain::{SessionId, Timestamp, Username};
use gatecrumb_tokens::cookies::PresentedCookies;

use crate::fixtures::{Fixtures, IDLE, MAX, NOW, access_by, presented, refresh_by, seconds, verifier};

const HINT: &str = "__Host-gatecrumb-hint=1";
const BROKEN_ACCESS: &str = "__Host-gatecrumb-access=broken";
const BROKEN_REFRESH: &str = "__Host-gatecrumb-refresh=broken";
const ALWAYS: Timestamp = Timestamp(0);

async fn load(fixtures: &Fixtures, cookies: &PresentedCookies) -> Result<CurrentSession, NoSession> {
    CurrentSession::load(&verifier(), &fixtures.store, cookies, ALWAYS, NOW).await
}

/// Loads the session, which must fail, and returns the error's name.
async fn refusal(fixtures: &Fixtures, cookies: &[&str], not_before: Timestamp, now: Timestamp) -> String {
    let cookies = presented(cookies);
    let loaded = CurrentSession::load(&verifier(), &fixtures.store, &cookies, not_before, now).await;
    format!("{:?}", loaded.unwrap_err())
}

/// An access token that expires long after its session.
fn access(fixtures: &Fixtures, session: &SessionId) -> String {
    access_by("issuer", &fixtures.ada.id, session, [NOW, NOW + MAX * 2])
}

#[tokio::test]
async fn a_valid_access_token_loads_user_and_session_in_one_round_trip() {
    let fixtures = Fixtures::new().await;
    let session = fixtures.session(&fixtures.ada).await;
    fixtures.requests.take();
    let found = load(&fixtures, &presented(&[&access(&fixtures, &session)]))
        .await
        .unwrap();
    assert_eq!(found.user.id, fixtures.ada.id);
    assert_eq!(found.user.username, "ada");
    assert_eq!(found.session.id, session);
    assert_eq!(fixtures.requests.take(), ["BatchGetItem"]);
}

#[tokio::test]
async fn the_newest_valid_token_wins() {
    let fixtures = Fixtures::new().await;
    let (old, new) = (
        fixtures.session(&fixtures.ada).await,
        fixtures.session(&fixtures.ada).await,
    );
    let user = &fixtures.ada.id;
    let later = NOW + seconds(900);
    let old = access_by("issuer", user, &old, [NOW - seconds(2), later]);
    let good = access_by("issuer", user, &new, [NOW - seconds(1), later]);
    let expired = access_by("issuer", user, &new, [NOW, NOW]);
    let foreign = access_by("another", user, &new, [NOW, later]);
    for cookies in [
        vec![old.as_str(), &good],
        vec![&good, &old, BROKEN_ACCESS, &expired, &foreign],
        vec![
            &foreign,
            &expired,
            BROKEN_ACCESS,
            &old,
            &good,
            BROKEN_REFRESH,
            HINT,
        ],
    ] {
        let found = load(&fixtures, &presented(&cookies)).await.unwrap();
        assert_eq!(found.session.id, new, "{}", cookies.len());
    }
}

#[tokio::test]
async fn without_a_valid_access_token_the_cookies_decide_the_reason() {
    let fixtures = Fixtures::new().await;
    let session = fixtures.session(&fixtures.ada).await;
    let user = &fixtures.ada.id;
    let later = NOW + seconds(900);
    let expired = access_by("issuer", user, &session, [NOW - seconds(900), NOW]);
    let refresh = refresh_by("issuer", "refresh", user, &session, later);
    let old_refresh = refresh_by("issuer", "refresh", user, &session, NOW);
    let foreign_access = access_by("another", user, &session, [NOW, later]);
    let foreign_refresh = refresh_by("another", "refresh", user, &session, later);
    let (expired, refresh, old_refresh) = (expired.as_str(), refresh.as_str(), old_refresh.as_str());
    let (foreign_access, foreign_refresh) = (foreign_access.as_str(), foreign_refresh.as_str());
    fixtures.requests.take();
    for (cookies, expected) in [
        (vec![], "NotLoggedIn"),
        (vec!["theme=dark"], "NotLoggedIn"),
        (vec!["__Host-gatecrumb-device=1"], "NotLoggedIn"),
        // The names of another policy.
        (vec!["gatecrumb-access=broken", "gatecrumb-hint=1"], "NotLoggedIn"),
        // Another deployment's tokens. A hint beside them is that deployment's too.
        (vec![foreign_access], "NotLoggedIn"),
        (vec![foreign_refresh], "NotLoggedIn"),
        (vec![foreign_access, foreign_refresh], "NotLoggedIn"),
        (vec![HINT, foreign_access], "NotLoggedIn"),
        (vec![HINT, foreign_refresh], "NotLoggedIn"),
        (vec![HINT, foreign_access, foreign_refresh], "NotLoggedIn"),
        // A refresh may bring a new access token.
        (vec![HINT], "AccessExpired"),
        (vec![refresh], "AccessExpired"),
        (vec![old_refresh], "AccessExpired"),
        (vec![BROKEN_REFRESH], "AccessExpired"),
        (vec![foreign_access, refresh], "AccessExpired"),
        (vec![HINT, foreign_access, refresh], "AccessExpired"),
        (vec![HINT, foreign_access, BROKEN_REFRESH], "AccessExpired"),
        (vec![HINT, foreign_refresh, refresh], "AccessExpired"),
        (vec![expired], "AccessExpired"),
        (vec![expired, HINT, refresh], "AccessExpired"),
        (vec![expired, BROKEN_ACCESS], "AccessExpired"),
        (vec![expired, foreign_access], "AccessExpired"),
        (vec![BROKEN_ACCESS, HINT], "AccessExpired"),
        (vec![BROKEN_ACCESS, refresh], "AccessExpired"),
        (vec![BROKEN_ACCESS, BROKEN_REFRESH], "AccessExpired"),
        (
            vec![BROKEN_ACCESS, HINT, foreign_access, refresh],
            "AccessExpired",
        ),
        // A broken access token without a refresh token or hint of ours.
        (vec![BROKEN_ACCESS], "TokenInvalid"),
        (vec![BROKEN_ACCESS, foreign_access], "TokenInvalid"),
        (vec![BROKEN_ACCESS, foreign_refresh], "TokenInvalid"),
        (vec![BROKEN_ACCESS, HINT, foreign_access], "TokenInvalid"),
        (vec![BROKEN_ACCESS, HINT, foreign_refresh], "TokenInvalid"),
    ] {
        let refusal = refusal(&fixtures, &cookies, ALWAYS, NOW).await;
        assert_eq!(refusal, expected, "{cookies:?}");
    }
    assert_eq!(fixtures.requests.take(), [""; 0], "the table was not read");
}

#[tokio::test]
async fn a_refresh_token_is_not_an_access_token() {
    let fixtures = Fixtures::new().await;
    let session = fixtures.session(&fixtures.ada).await;
    let refresh = refresh_by(
        "issuer",
        "refresh",
        &fixtures.ada.id,
        &session,
        NOW + seconds(900),
    );
    let as_access = refresh.replace("-refresh=", "-access=");
    assert_eq!(
        refusal(&fixtures, &[&as_access], ALWAYS, NOW).await,
        "TokenInvalid"
    );
}

#[tokio::test]
async fn an_access_token_ends_at_the_second_of_its_exp() {
    let fixtures = Fixtures::new().await;
    let session = fixtures.session(&fixtures.ada).await;
    let last = access_by("issuer", &fixtures.ada.id, &session, [NOW, NOW + seconds(1)]);
    load(&fixtures, &presented(&[&last])).await.unwrap();
    assert_eq!(
        refusal(&fixtures, &[&last], ALWAYS, NOW + seconds(1)).await,
        "AccessExpired"
    );
}

#[tokio::test]
async fn a_session_ends_at_both_ends_and_before_not_before() {
    let fixtures = Fixtures::new().await;
    let session = fixtures.session(&fixtures.ada).await;
    let cookies = access(&fixtures, &session);
    let cookies = [cookies.as_str()];
    let last = NOW + IDLE - seconds(1);
    let presented = presented(&cookies);
    CurrentSession::load(&verifier(), &fixtures.store, &presented, NOW, last)
        .await
        .unwrap();
    for (what, not_before, now) in [
        ("the idle end", ALWAYS, NOW + IDLE),
        ("the absolute end", ALWAYS, NOW + MAX),
        ("SESSIONS_NOT_BEFORE", NOW + seconds(1), NOW),
    ] {
        let refusal = refusal(&fixtures, &cookies, not_before, now).await;
        assert_eq!(refusal, "Ended", "{what}");
    }
}

#[tokio::test]
async fn an_ended_session_is_refused_at_once() {
    for change in [
        Change::EndSessions,
        Change::Password {
            hash: "another".to_owned().into(),
            version: "another".parse().unwrap(),
        },
    ] {
        let fixtures = Fixtures::new().await;
        let session = fixtures.session(&fixtures.ada).await;
        let cookies = access(&fixtures, &session);
        fixtures.change(&fixtures.ada, change.clone()).await;
        assert_eq!(
            refusal(&fixtures, &[&cookies], ALWAYS, NOW).await,
            "Ended",
            "{change:?}"
        );
    }
    let fixtures = Fixtures::new().await;
    let session = fixtures.session(&fixtures.ada).await;
    let other = fixtures.session(&fixtures.ada).await;
    let cookies = access(&fixtures, &session);
    fixtures
        .store
        .end_session(&fixtures.ada.id, &session)
        .await
        .unwrap();
    assert_eq!(refusal(&fixtures, &[&cookies], ALWAYS, NOW).await, "Ended");
    load(&fixtures, &presented(&[&access(&fixtures, &other)]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_disabled_user_gets_account_disabled_and_a_deleted_one_ended() {
    let fixtures = Fixtures::new().await;
    let session = fixtures.session(&fixtures.ada).await;
    let cookies = access(&fixtures, &session);
    fixtures.change(&fixtures.ada, Change::Disable).await;
    assert_eq!(
        refusal(&fixtures, &[&cookies], ALWAYS, NOW).await,
        "AccountDisabled"
    );
    // Enabled again, the session stays over.
    fixtures.change(&fixtures.ada, Change::Enable).await;
    assert_eq!(refusal(&fixtures, &[&cookies], ALWAYS, NOW).await, "Ended");
    let name = Username::parse("ada").unwrap();
    assert!(fixtures.store.delete_user(&fixtures.ada.id, &name).await.unwrap());
    assert_eq!(refusal(&fixtures, &[&cookies], ALWAYS, NOW).await, "Ended");
}

#[tokio::test]
async fn a_session_of_another_user_is_not_found() {
    let fixtures = Fixtures::new().await;
    let eve = fixtures.user("eve").await;
    let session = fixtures.session(&eve).await;
    let cookies = access(&fixtures, &session);
    assert_eq!(refusal(&fixtures, &[&cookies], ALWAYS, NOW).await, "Ended");
}

#[tokio::test]
async fn a_failed_read_is_unavailable() {
    let fixtures = Fixtures::new().await;
    let session = fixtures.session(&fixtures.ada).await;
    fixtures.requests.fail("BatchGetItem");
    let loaded = load(&fixtures, &presented(&[&access(&fixtures, &session)])).await;
    let error = loaded.unwrap_err();
    assert!(matches!(error, NoSession::Unavailable(_)), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("BatchGetItem of a user and a session: "),
        "{error}"
    );
}
