//! Expiry to the second, in this process.

use std::time::Duration;

use authorizer::Decision;
use gatecrumb_testkit::{fixtures::THEN, function, host::TestHost};
use lambda_runtime::{Context, LambdaEvent, Service as _};
use serde_json::json;

use crate::{cases, tokens};

/// RFC 7519 section 4.1.4: not on or after `exp`.
#[tokio::test]
async fn a_token_counts_until_the_second_before_exp() {
    let token = tokens::signed(&tokens::header(), &tokens::with("exp", THEN.0 + 900));
    let event = cases::event("clock", "GET", &[cases::cookie(&token)], &[]);
    for (seconds, allowed) in [(0, true), (899, true), (900, false), (901, false)] {
        let host = TestHost::at(THEN + Duration::from_secs(seconds));
        let env = function::environment("http://127.0.0.1:9", &[]);
        let mut authorizer = authorizer::start(env, host.host()).await.unwrap();
        let event = serde_json::from_value(event.clone()).unwrap();
        let answer: Decision = authorizer
            .call(LambdaEvent::new(event, Context::default()))
            .await
            .unwrap();
        let answer = serde_json::to_value(&answer).unwrap();
        assert_eq!(answer["isAuthorized"], allowed, "{seconds} s");
        assert_eq!(answer.get("context").is_some(), allowed);
        assert!(allowed || answer == json!({ "isAuthorized": false }));
    }
}
