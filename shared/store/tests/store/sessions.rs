use std::time::Duration;

use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_aws::Connection;
use gatecrumb_domain::{Authentication, AuthenticationMethod, AuthenticationMethods, SessionId, Timestamp};
use gatecrumb_local::DynamoDb;
use gatecrumb_store::{
    NewSession, Store,
    table::{Write, key},
};

use super::{IDLE, NOW, POLICY, id, new_session, session, store, token, user};

#[tokio::test]
async fn an_opened_session_is_read_with_its_user() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let (found, opened) = store.user_and_session(&ada, &sid).await.unwrap();
    let (found, opened) = (found.unwrap(), opened.unwrap());
    assert_eq!(found.username, "ada");
    assert_eq!(opened.id, sid);
    assert_eq!(opened.state.current, id("root"));
    assert_eq!((opened.state.created_at, opened.state.rotated_at), (NOW, NOW));
    assert_eq!(
        (opened.state.expires_at, opened.state.absolute_expires_at),
        (NOW + IDLE, NOW + IDLE * 3)
    );
    assert_eq!(opened.authentication, Authentication::by_password(NOW));
    assert!(opened.is_live(&found, Timestamp(0), NOW));
    // The projection leaves them out, because `me` does not return them.
    assert_eq!((opened.user_agent, opened.ip), (None, None));
    let listed = store.sessions(&ada).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].ip.as_deref(), Some("192.0.2.1"));
}

/// Of both reads and of the row that a rotation returns, however many attributes an earlier version had not written.
#[tokio::test]
async fn a_session_keeps_when_and_how_its_user_signed_in() {
    let two_factors =
        AuthenticationMethods::try_from(vec![AuthenticationMethod::Otp, AuthenticationMethod::Pwd]);
    let stored = Authentication {
        time: NOW - Duration::from_secs(50),
        methods: two_factors.unwrap(),
    };
    let by_password = Authentication::by_password(NOW);
    for (missing, expected) in [
        (None, stored.clone()),
        (Some("auth_time, amr"), by_password.clone()),
        (
            Some("auth_time"),
            Authentication {
                time: NOW,
                ..stored.clone()
            },
        ),
        (
            Some("amr"),
            Authentication {
                time: stored.time,
                ..by_password
            },
        ),
    ] {
        let store = store().await;
        let ada = user(&store, "ada").await;
        let new = NewSession {
            authentication: stored.clone(),
            ..new_session(&ada, 0)
        };
        store.open_session(&new).await.unwrap();
        if let Some(attributes) = missing {
            let key = key(format!("USER#{ada}"), format!("SESSION#{}", new.id));
            let remove = Write::to(key).update(format!("REMOVE {attributes}"));
            assert!(
                store
                    .table()
                    .update_if("test", remove)
                    .await
                    .unwrap()
                    .is_done()
                    .unwrap()
            );
        }
        let read = || async {
            store
                .user_and_session(&ada, &new.id)
                .await
                .unwrap()
                .1
                .unwrap()
                .authentication
        };
        assert_eq!(read().await, expected, "{missing:?}");
        assert_eq!(
            store.sessions(&ada).await.unwrap()[0].authentication,
            expected,
            "{missing:?}"
        );
        let token = token(&ada, &new.id, "first", "root");
        let rotation = store
            .advance_session(&token, &POLICY, IDLE, NOW + IDLE / 2)
            .await
            .unwrap();
        assert!(rotation.written);
        assert_eq!(rotation.before.unwrap().authentication, expected, "{missing:?}");
        assert_eq!(read().await, expected, "{missing:?}");
    }
}

#[tokio::test]
async fn a_session_is_live_until_its_user_an_end_or_not_before_ends_it() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let (found, opened) = store.user_and_session(&ada, &sid).await.unwrap();
    let (found, opened) = (found.unwrap(), opened.unwrap());
    let last = NOW + IDLE - Duration::from_secs(1);
    assert!(opened.is_live(&found, NOW, last));

    let (mut disabled, mut ended) = (found.clone(), found.clone());
    disabled.active = false;
    ended.session_epoch = 1;
    let mut absolute = opened.clone();
    absolute.state.absolute_expires_at = last;
    for (what, over) in [
        ("its user is disabled", !opened.is_live(&disabled, NOW, NOW)),
        ("another epoch", !opened.is_live(&ended, NOW, NOW)),
        ("the idle end", !opened.is_live(&found, NOW, NOW + IDLE)),
        ("the absolute end", !absolute.is_live(&found, NOW, last)),
        (
            "SESSIONS_NOT_BEFORE",
            !opened.is_live(&found, NOW + Duration::from_secs(1), NOW),
        ),
    ] {
        assert!(over, "{what}");
    }
}

#[tokio::test]
async fn a_missing_user_or_session_is_none() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let other = SessionId::random(&super::Counter).unwrap();
    let nobody = "nobody".parse().unwrap();
    assert!(matches!(
        store.user_and_session(&ada, &other).await.unwrap(),
        (Some(_), None)
    ));
    assert!(matches!(
        store.user_and_session(&nobody, &sid).await.unwrap(),
        (None, None)
    ));
}

#[tokio::test]
async fn ending_a_session_ends_only_that_one_and_is_idempotent() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let (one, other) = (session(&store, &ada, 0).await, session(&store, &ada, 0).await);
    for _ in 0..2 {
        store.end_session(&ada, &one).await.unwrap();
    }
    assert!(store.user_and_session(&ada, &one).await.unwrap().1.is_none());
    assert!(store.user_and_session(&ada, &other).await.unwrap().1.is_some());
}

/// The epoch was read before the password was checked; meanwhile the user was disabled or given a new password.
#[tokio::test]
async fn a_change_that_ends_sessions_also_ends_a_sign_in_under_way() {
    let store = store().await;
    for change in [
        Change::Disable,
        super::new_password(super::hash("new")),
        Change::EndSessions,
    ] {
        let name = format!("user{}", rand_name());
        let ada = user(&store, &name).await;
        let epoch_read = store.account(&ada).await.unwrap().unwrap().user.session_epoch;
        store.change_user(&ada, &change, NOW).await.unwrap();
        let sid = session(&store, &ada, epoch_read).await;
        let (found, opened) = store.user_and_session(&ada, &sid).await.unwrap();
        let (found, opened) = (found.unwrap(), opened.unwrap());
        assert_ne!(opened.epoch, found.session_epoch, "{change:?}");
        assert!(!opened.is_live(&found, Timestamp(0), NOW), "{change:?}");
    }
}

fn rand_name() -> String {
    SessionId::random(&super::Counter).unwrap().fingerprint()
}

#[tokio::test]
async fn ttl_deletes_ended_sessions_and_nothing_else() {
    let database = DynamoDb::in_memory().unwrap();
    let address = database.clone().spawn().await.unwrap();
    let store = Store::new(
        &Connection::local(&format!("http://{address}")).dynamodb(),
        "test",
    );
    store.create_table().await.unwrap();
    let ada = user(&store, "ada").await;
    // The engine uses the real clock: once that has passed the session's end, it sweeps the first one.
    let over = session(&store, &ada, 0).await;
    let alive = NewSession {
        user: ada.clone(),
        id: SessionId::random(&super::Counter).unwrap(),
        root: id("root"),
        epoch: 0,
        created_at: NOW,
        authentication: Authentication::by_password(NOW),
        expires_at: Timestamp(4_000_000_000),
        absolute_expires_at: Timestamp(4_000_000_000),
        user_agent: None,
        ip: None,
    };
    store.open_session(&alive).await.unwrap();
    let swept = database.sweep().await;
    let left = store.sessions(&ada).await.unwrap();
    assert!(left.iter().any(|session| session.id == alive.id));
    let over_is_over = NOW + IDLE < now();
    assert_eq!(swept == 1, over_is_over);
    assert_eq!(left.iter().all(|session| session.id != over), over_is_over);
    assert!(store.user(&ada).await.unwrap().is_some());
}

#[expect(clippy::disallowed_methods, reason = "the engine sweeps by the real clock")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Timestamp(since.as_secs())
}
