//! When and how a user signed in: no refresh makes it look newer.

use std::time::Duration;

use gatecrumb_domain::{Acr, AuthenticationMethods, Timestamp};
use gatecrumb_testkit::http::Browser;
use proptest::prelude::*;
use serde_json::json;

use crate::api::{ACCESS, Api, access_claims, credentials, is_signed_out, refresh_claims};

/// What can happen to a browser and its session.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Some seconds pass. Whether a token is expired or old enough to rotate depends on them.
    Wait(u16),
    /// It refreshes, and receives the answer or not.
    Refresh { lost: bool },
    /// Two of its tabs refresh at the same time.
    RefreshTwice,
    /// It signs in again, which opens another session.
    SignIn,
    /// Its session's item becomes one of an earlier version.
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1_u16..2000).prop_map(Step::Wait),
        3 => any::<bool>().prop_map(|lost| Step::Refresh { lost }),
        1 => Just(Step::RefreshTwice),
        1 => Just(Step::SignIn),
        1 => Just(Step::Forget),
    ]
}

async fn refresh(browser: &mut Browser) -> String {
    browser.post("/auth/refresh", "", "").await.outcome()
}

async fn take(api: &Api, browser: &mut Browser, step: Step) {
    match step {
        Step::Wait(seconds) => api.advance(Duration::from_secs(seconds.into())),
        Step::Refresh { lost: false } => assert_eq!(refresh(browser).await, "200"),
        Step::Refresh { lost: true } => assert_eq!(refresh(&mut browser.clone()).await, "200"),
        Step::RefreshTwice => {
            let mut other = browser.clone();
            let outcomes = tokio::join!(refresh(browser), refresh(&mut other));
            assert_eq!((outcomes.0.as_str(), outcomes.1.as_str()), ("200", "200"));
        }
        Step::SignIn => {
            let credentials = credentials("ada", crate::api::PASSWORD);
            let answer = browser.post_json("/auth/login", &credentials).await;
            assert_eq!(answer.outcome(), "200");
        }
        Step::Forget => api.forget_authentication(&refresh_claims(browser)).await,
    }
}

/// The access token and `me` say that the user signed in at this time, with a password.
async fn check(browser: &mut Browser, signed_in_at: Timestamp) {
    let claims = access_claims(browser);
    assert_eq!(claims.auth_time, signed_in_at);
    assert!(claims.auth_time <= claims.iat);
    assert_eq!(
        (claims.amr, claims.acr),
        (AuthenticationMethods::password(), Acr::Aal1)
    );
    let me = browser.get("/auth/me").await;
    if me.outcome() != "401 access_expired" {
        let session = &me.json()["session"];
        let told = [&session["auth_time"], &session["amr"], &session["acr"]];
        let expected = [json!(signed_in_at.rfc3339()), json!(["pwd"]), json!("aal1")];
        assert_eq!(told, expected.each_ref());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_refreshes_makes_a_sign_in_look_newer(steps in prop::collection::vec(step(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let api = Api::here().await;
            let (_, mut browser) = api.signed_in("ada").await;
            let mut signed_in_at = api.now();
            for step in steps {
                take(&api, &mut browser, step).await;
                if let Step::SignIn = step {
                    signed_in_at = api.now();
                }
                check(&mut browser, signed_in_at).await;
            }
            assert!(!is_signed_out(&browser) && browser.jar.contains_key(ACCESS));
        });
    }
}
