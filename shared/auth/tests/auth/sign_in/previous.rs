//! The sessions that a sign-in replaces.

use gatecrumb_auth::sign_in::SignInError;
use gatecrumb_domain::SessionId;

use super::{complete, presented};
use crate::{
    fixtures::{Fixtures, NOW, access_by, refresh_by, seconds},
    log,
};

#[tokio::test]
async fn valid_refresh_tokens_end_their_sessions_of_any_user() {
    let fixtures = Fixtures::new().await;
    let eve = fixtures.user("eve").await;
    let (ada, other) = (&fixtures.ada, &eve);
    let later = NOW + seconds(1);
    let mine = [fixtures.session(ada).await, fixtures.session(ada).await];
    let hers = fixtures.session(other).await;
    let cookies = [
        refresh_by("issuer", "one", &ada.id, &mine[0], later),
        refresh_by("issuer", "two", &ada.id, &mine[0], later),
        refresh_by("issuer", "three", &ada.id, &mine[1], later),
        refresh_by("issuer", "four", &other.id, &hers, later),
    ];
    let cookies = cookies.each_ref().map(String::as_str);
    fixtures.requests.take();
    complete(&fixtures.sign_in(), ada, &presented(&cookies))
        .await
        .unwrap();
    let mut requests = fixtures.requests.take();
    requests.sort();
    // Two tokens of one session are one write.
    assert_eq!(requests, ["DeleteItem", "DeleteItem", "DeleteItem", "PutItem"]);
    let left = fixtures.sessions(ada).await;
    assert_eq!(left.len(), 1);
    assert!(!mine.contains(&left[0]), "the new one");
    assert_eq!(fixtures.sessions(other).await, [] as [SessionId; 0]);
}

#[tokio::test]
async fn expired_foreign_and_unsigned_tokens_end_no_session() {
    let fixtures = Fixtures::new().await;
    let ada = &fixtures.ada;
    let session = fixtures.session(ada).await;
    let later = NOW + seconds(900);
    let expired = refresh_by("issuer", "refresh", &ada.id, &session, NOW);
    let foreign = refresh_by("another", "refresh", &ada.id, &session, later);
    let access = access_by("issuer", &ada.id, &session, [NOW, later]);
    let as_refresh = access.replace("-access=", "-refresh=");
    let good = refresh_by("issuer", "refresh", &ada.id, &session, later);
    let (message, _) = good.rsplit_once('.').unwrap();
    let unsigned = format!("{message}.{}", "A".repeat(86));
    fixtures.requests.take();
    let cookies = [&expired, &foreign, &access, &as_refresh, &unsigned].map(String::as_str);
    complete(&fixtures.sign_in(), ada, &presented(&cookies))
        .await
        .unwrap();
    assert_eq!(fixtures.requests.take(), ["PutItem"]);
    assert!(fixtures.sessions(ada).await.contains(&session));
}

#[tokio::test]
async fn a_failed_put_still_ends_the_previous_session() {
    log::capture();
    let fixtures = Fixtures::new().await;
    let ada = &fixtures.ada;
    let session = fixtures.session(ada).await;
    let cookie = refresh_by("issuer", "refresh", &ada.id, &session, NOW + seconds(900));
    fixtures.requests.fail("PutItem");
    let error = complete(&fixtures.sign_in(), ada, &presented(&[&cookie]))
        .await
        .unwrap_err();
    assert!(matches!(error, SignInError::Unavailable(_)), "{error:?}");
    assert_eq!(fixtures.sessions(ada).await, [] as [SessionId; 0]);
    assert!(log::take().is_empty(), "no sign-in is logged");
}

#[tokio::test]
async fn a_failed_delete_issues_no_cookies() {
    log::capture();
    let fixtures = Fixtures::new().await;
    let ada = &fixtures.ada;
    let session = fixtures.session(ada).await;
    let cookie = refresh_by("issuer", "refresh", &ada.id, &session, NOW + seconds(900));
    fixtures.requests.fail("DeleteItem");
    let error = complete(&fixtures.sign_in(), ada, &presented(&[&cookie]))
        .await
        .unwrap_err();
    assert!(matches!(error, SignInError::Unavailable(_)), "{error:?}");
    assert!(
        error.to_string().starts_with("DeleteItem of a session: "),
        "{error}"
    );
    assert!(fixtures.sessions(ada).await.contains(&session));
    assert!(log::take().is_empty(), "no sign-in is logged");
}
