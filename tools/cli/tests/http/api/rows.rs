//! Rows that the store itself never writes.

use std::time::Duration;

use gatecrumb_domain::{Authentication, RefreshClaims, Session, Timestamp, rotation::SessionState};
use gatecrumb_testkit::http::Browser;
use serde_json::{Value, json};

use super::Api;

impl Api {
    /// Sets the idle end and the absolute end of the session.
    pub(crate) async fn set_session(
        &self,
        claims: &RefreshClaims,
        expires_at: Timestamp,
        absolute: Timestamp,
    ) {
        let session = self.session(claims).await;
        let state = SessionState {
            expires_at,
            absolute_expires_at: absolute,
            ..session.state
        };
        self.write_session(claims, &state, session.epoch, Some(&session.authentication))
            .await;
    }

    /// Makes the session one of an earlier version, whose item does not say when and how its user signed in.
    pub(crate) async fn forget_authentication(&self, claims: &RefreshClaims) {
        let session = self.session(claims).await;
        self.write_session(claims, &session.state, session.epoch, None)
            .await;
    }

    /// Sets how long ago the session last rotated.
    pub(crate) async fn rotated(&self, claims: &RefreshClaims, ago: Duration) {
        let session = self.session(claims).await;
        let state = SessionState {
            rotated_at: self.now() - ago,
            ..session.state
        };
        self.write_session(claims, &state, session.epoch, Some(&session.authentication))
            .await;
    }

    pub(crate) async fn session(&self, claims: &RefreshClaims) -> Session {
        let found = self.store.user_and_session(&claims.sub, &claims.sid).await;
        found.unwrap().1.unwrap()
    }

    async fn write_session(
        &self,
        claims: &RefreshClaims,
        state: &SessionState,
        epoch: u64,
        authentication: Option<&Authentication>,
    ) {
        let number = |number: u64| json!({ "N": number.to_string() });
        let mut item = json!({
            "pk": { "S": format!("USER#{}", claims.sub) }, "sk": { "S": format!("SESSION#{}", claims.sid) },
            "current": { "S": state.current.as_str() }, "epoch": number(epoch),
            "created_at": number(state.created_at.0), "rotated_at": number(state.rotated_at.0),
            "expires_at": number(state.expires_at.0), "absolute_expires_at": number(state.absolute_expires_at.0),
        });
        if let Some(Authentication { time, methods }) = authentication {
            let methods = serde_json::to_value(methods).unwrap();
            let methods = methods
                .as_array()
                .unwrap()
                .iter()
                .map(|method| json!({ "S": method }));
            item["auth_time"] = number(time.0);
            item["amr"] = json!({ "L": methods.collect::<Vec<_>>() });
        }
        self.put(&json!({ "TableName": "gatecrumb", "Item": item })).await;
    }

    /// A raw `PutItem`: the store never rewrites a session.
    async fn put(&self, request: &Value) {
        let answer = Browser::new(&self.dynamodb)
            .with_header("x-amz-target", "DynamoDB_20120810.PutItem")
            .post("/", "application/x-amz-json-1.0", request.to_string())
            .await;
        assert_eq!(answer.outcome(), "200");
    }
}
