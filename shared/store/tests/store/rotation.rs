use std::time::Duration;

use gatecrumb_domain::{
    Authentication, Timestamp,
    rotation::{Decision, RotationPolicy},
};
use gatecrumb_store::{EndReused, NewSession};
use proptest::prelude::*;

use super::{IDLE, NOW, POLICY, id, session, store, token, user};

#[tokio::test]
async fn the_presented_token_becomes_current_and_the_old_row_is_returned() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let first = token(&ada, &sid, "first", "root");
    let later = NOW + Duration::from_secs(10);
    let rotation = store.advance_session(&first, &POLICY, IDLE, later).await.unwrap();
    assert!(rotation.written);
    let before = rotation.before.unwrap();
    assert_eq!(
        POLICY.decide(Some(&before.state), &first, later),
        Decision::Rotate
    );
    let state = store.user_and_session(&ada, &sid).await.unwrap().1.unwrap().state;
    assert_eq!(
        (state.current, state.rotated_at, state.expires_at),
        (id("first"), later, later + IDLE)
    );
    assert_eq!(
        state.absolute_expires_at,
        NOW + IDLE * 3,
        "a rotation does not move it"
    );
}

#[tokio::test]
async fn a_retry_after_a_success_is_not_a_reuse() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let first = token(&ada, &sid, "first", "root");
    store.advance_session(&first, &POLICY, IDLE, NOW).await.unwrap();
    let again = store.advance_session(&first, &POLICY, IDLE, NOW).await.unwrap();
    assert!(again.written);
    let decision = POLICY.decide(Some(&again.before.unwrap().state), &first, NOW);
    assert_eq!(decision, Decision::Reissue { repeated: false });
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_refreshes_with_one_token_are_not_a_reuse() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let first = token(&ada, &sid, "first", "root");
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (store, first) = (store.clone(), first.clone());
            tokio::spawn(async move { store.advance_session(&first, &POLICY, IDLE, NOW).await })
        })
        .collect();
    let mut rotations = 0;
    for task in tasks {
        let rotation = task.await.unwrap().unwrap();
        assert!(rotation.written);
        match POLICY.decide(Some(&rotation.before.unwrap().state), &first, NOW) {
            Decision::Rotate => rotations += 1,
            Decision::Reissue { repeated: false } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(rotations, 1);
    assert!(store.user_and_session(&ada, &sid).await.unwrap().1.is_some());
}

#[tokio::test]
async fn a_superseded_token_is_refused_and_ends_the_session() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let first = token(&ada, &sid, "first", "root");
    for (jti, parent) in [("first", "root"), ("second", "first"), ("third", "second")] {
        let token = token(&ada, &sid, jti, parent);
        assert!(
            store
                .advance_session(&token, &POLICY, IDLE, NOW)
                .await
                .unwrap()
                .written
        );
    }
    let rotation = store.advance_session(&first, &POLICY, IDLE, NOW).await.unwrap();
    assert!(!rotation.written);
    assert_eq!(
        POLICY.decide(Some(&rotation.before.unwrap().state), &first, NOW),
        Decision::Reuse
    );
    let tokens = [first.clone()];
    let ended = store.end_reused_session(&tokens).await.unwrap();
    assert!(matches!(ended, EndReused::Ended), "{ended:?}");
    assert!(store.user_and_session(&ada, &sid).await.unwrap().1.is_none());
    // A retry finds no row and creates none.
    let again = store.end_reused_session(&tokens).await.unwrap();
    assert!(matches!(again, EndReused::Gone), "{again:?}");
    let rotation = store.advance_session(&first, &POLICY, IDLE, NOW).await.unwrap();
    assert!(!rotation.written && rotation.before.is_none());
}

#[tokio::test]
async fn a_token_in_use_does_not_end_its_session() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let first = token(&ada, &sid, "first", "root");
    match store.end_reused_session(&[first]).await.unwrap() {
        EndReused::InUse(now) => assert_eq!(now.state.current, id("root")),
        other => panic!("{other:?}"),
    }
    assert!(store.user_and_session(&ada, &sid).await.unwrap().1.is_some());
}

#[tokio::test]
async fn of_32_tokens_one_in_use_keeps_the_session() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let sid = session(&store, &ada, 0).await;
    let superseded = |number: usize| token(&ada, &sid, &format!("old{number}"), &format!("older{number}"));
    let mut tokens: Vec<_> = (0..31).map(superseded).collect();
    tokens.push(token(&ada, &sid, "first", "root"));
    let kept = store.end_reused_session(&tokens).await.unwrap();
    assert!(matches!(kept, EndReused::InUse(_)), "{kept:?}");
    assert!(store.user_and_session(&ada, &sid).await.unwrap().1.is_some());
    tokens[31] = superseded(31);
    let ended = store.end_reused_session(&tokens).await.unwrap();
    assert!(matches!(ended, EndReused::Ended), "{ended:?}");
    assert!(store.user_and_session(&ada, &sid).await.unwrap().1.is_none());
    let without = store.end_reused_session(&[]).await.unwrap();
    assert!(matches!(without, EndReused::Gone), "{without:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The stored condition and [`RotationPolicy::decide`] agree.
    #[test]
    fn the_condition_agrees_with_the_policy(
        current in "[abc]", jti in "[abc]", parent in "[abc]",
        idle in 0_u64..4, end in 0_u64..4, not_before in 0_u64..4,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = store().await;
            let ada = user(&store, "ada").await;
            let new = NewSession {
                user: ada.clone(),
                id: "s".parse().unwrap(),
                root: id(&current),
                epoch: 0,
                created_at: NOW,
                authentication: Authentication::by_password(NOW),
                expires_at: Timestamp(NOW.0 - 2 + idle),
                absolute_expires_at: Timestamp(NOW.0 - 2 + end),
                user_agent: None,
                ip: None,
            };
            store.open_session(&new).await.unwrap();
            let policy = RotationPolicy { sessions_not_before: Timestamp(NOW.0 - 2 + not_before), ..POLICY };
            let token = token(&ada, &new.id, &jti, &parent);
            let rotation = store.advance_session(&token, &policy, IDLE, NOW).await.unwrap();
            let decision = policy.decide(rotation.before.map(|s| s.state).as_ref(), &token, NOW);
            let writes = matches!(decision, Decision::Rotate | Decision::Reissue { .. });
            assert_eq!(rotation.written, writes, "{decision:?}");
        });
    }
}
