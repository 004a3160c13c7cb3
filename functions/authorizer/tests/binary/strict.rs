//! What only `authorizer-strict` knows: the rows as they are now.

use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_runtime::now;
use gatecrumb_testkit::{
    fixtures::{self, variables},
    logs,
    runtime_api::{Process, Said},
};
use serde_json::{Value, json};

use crate::{
    STATELESS, STRICT,
    cases::{cookie, event},
    context, said, tokens,
};

fn good() -> Value {
    event("strict", "GET", &[cookie(&tokens::good())], &[])
}

/// Each change shows at once, while the stateless one still trusts the token.
#[tokio::test]
async fn a_change_of_the_user_or_the_session_shows_at_once() {
    let denied = json!({ "isAuthorized": false });
    let me = "me".parse().unwrap();
    for change in ["demoted", "ended", "all ended", "disabled"] {
        let (address, store) = fixtures::dynamodb().await;
        let variables = variables(&format!("http://{address}"));
        let mut strict = Process::start(STRICT, &variables).await;
        let mut stateless = Process::start(STATELESS, &variables).await;
        let allowed = json!({ "isAuthorized": true, "context": context() });
        assert_eq!(strict.invoke(&good()).await, allowed);
        let all = match change {
            "demoted" => Some(Change::Roles(Vec::new().try_into().unwrap())),
            "all ended" => Some(Change::EndSessions),
            "disabled" => Some(Change::Disable),
            _ => None,
        };
        match all {
            Some(all) => assert!(store.change_user(&me, &all, now()).await.unwrap()),
            None => store.end_session(&me, &"me".parse().unwrap()).await.unwrap(),
        }
        let expected = if change == "demoted" {
            let mut demoted = allowed.clone();
            demoted["context"]["roles"] = json!("[]");
            demoted
        } else {
            denied.clone()
        };
        assert_eq!(strict.invoke(&good()).await, expected, "{change}");
        assert_eq!(stateless.invoke(&good()).await, allowed, "{change}");
        for process in [strict, stateless] {
            logs::assert_clean(&process.killed().await);
        }
    }
}

#[tokio::test]
async fn sessions_before_not_before_are_denied() {
    let (address, _) = fixtures::dynamodb().await;
    let mut variables = variables(&format!("http://{address}"));
    let after = fixtures::THEN.0 + 1;
    variables.push(("SESSIONS_NOT_BEFORE".to_owned(), after.to_string()));
    let mut process = Process::start(STRICT, &variables).await;
    assert_eq!(process.invoke(&good()).await, json!({ "isAuthorized": false }));
}

/// It is never an allow, and no denial that signs people out.
#[tokio::test]
async fn while_dynamodb_is_away_every_good_token_is_an_error_and_every_bad_one_a_denial() {
    let mut process = Process::start(STRICT, &variables("http://127.0.0.1:9")).await;
    for _ in 0..2 {
        let Said::Error(error) = said(&mut process, &good()).await else {
            panic!("a decision without the table");
        };
        assert_eq!(error["errorType"], "Gatecrumb.Unavailable");
        let bad = event("strict", "GET", &[cookie("broken")], &[]);
        assert_eq!(process.invoke(&bad).await, json!({ "isAuthorized": false }));
    }
    let log = process.killed().await;
    assert_eq!(log.matches("\"failed\"").count(), 2, "{log}");
    logs::assert_clean(&log);
}
