//! The event of an authorizer as JSON. Only a request with the very token that was signed is allowed, a denial says
//! nothing, and what is not such an event is an error.

use std::sync::LazyLock;

use authorizer::{Authorizer, Fault, Stateless};
use gatecrumb_api::AuthorizerEvent;
use gatecrumb_runtime::Host;
use lambda_runtime::{Context, LambdaEvent, Service as _};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::fixtures::{self, TOKENS};

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().unwrap();
}

static AUTHORIZER: LazyLock<Authorizer<Stateless>> = LazyLock::new(|| {
    let env = fixtures::environment(fixtures::VARIABLES.clone());
    let starting = authorizer::start(env, Host::lambda());
    Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(starting)
        .unwrap()
});

pub(crate) fn run(bytes: &[u8]) {
    let Ok(json) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(event) = serde_json::from_str::<AuthorizerEvent>(json) else {
        assert!(
            serde_json::from_str::<IgnoredAny>(json).is_err(),
            "JSON that is not read as an event"
        );
        return;
    };
    let is_request = event.0.is_ok();
    let mut authorizer = AUTHORIZER.clone();
    let event = LambdaEvent::new(event, Context::default());
    // Started before: the other runtime must not be inside this one.
    match RUNTIME.with(|runtime| runtime.block_on(authorizer.call(event))) {
        Ok(answer) => {
            assert!(is_request);
            let answer = serde_json::to_value(&answer).unwrap();
            if answer == json!({ "isAuthorized": false }) {
                return;
            }
            let context = answer["context"].as_object().unwrap();
            assert!(answer["isAuthorized"] == true && context["sub"] == "u" && context["sid"] == "s");
            assert!(context.values().all(|value| value.is_string() || value.is_u64()));
            // An unpaired surrogate, which only we read, hides the token from this check.
            if let Ok(event) = serde_json::from_str(json) {
                assert!(contains(&event, &TOKENS[0]), "allowed without the token");
            }
        }
        Err(Fault::Event(_)) => assert!(!is_request),
        Err(fault) => panic!("{fault}"),
    }
}

fn contains(value: &Value, token: &str) -> bool {
    match value {
        Value::String(text) => text.contains(token),
        Value::Array(items) => items.iter().any(|item| contains(item, token)),
        Value::Object(members) => members.values().any(|member| contains(member, token)),
        _ => false,
    }
}
