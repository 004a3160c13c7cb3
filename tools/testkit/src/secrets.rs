//! A stand-in for AWS Secrets Manager: the three calls that gatecrumb makes.
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/>

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The account's secrets, by name or ARN.
#[derive(Clone, Default)]
pub struct SecretsManager(Arc<Mutex<HashMap<String, String>>>);

impl SecretsManager {
    /// Creates or replaces a secret.
    pub fn put(&self, name: &str, value: &str) {
        self.0.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// A secret's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.lock().unwrap().get(name).cloned()
    }

    /// Serves it on loopback until the runtime shuts down. Returns its URL.
    pub async fn serve(&self) -> String {
        let app = Router::new().fallback(answer).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        format!("http://{address}")
    }
}

fn fault(code: &str) -> Response {
    let body = json!({ "__type": code, "Message": "requested by the test" });
    (StatusCode::BAD_REQUEST, body.to_string()).into_response()
}

async fn answer(State(manager): State<SecretsManager>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap();
    let request: Value = serde_json::from_slice(&body).unwrap();
    let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
    match target {
        "secretsmanager.GetSecretValue" => match (text("SecretId"), manager.get(&text("SecretId"))) {
            (id, _) if id == "forbidden" => fault("AccessDeniedException"),
            (id, _) if id == "unsigned" => fault("InvalidSignatureException"),
            // Refuses only the first call.
            (id, _) if id == "skewed" && manager.get("called").is_none() => {
                manager.put("called", "once");
                fault("InvalidSignatureException")
            }
            (id, _) if id == "empty" => "".into_response(),
            (id, _) if id == "hang" => std::future::pending().await,
            (id, _) if id == "garbage" => "<!doctype html>".into_response(),
            (id, _) if id == "broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            (_, None) => fault("ResourceNotFoundException"),
            (id, Some(value)) => json!({ "Name": id, "SecretString": value })
                .to_string()
                .into_response(),
        },
        "secretsmanager.CreateSecret" => {
            let name = text("Name");
            if manager.get(&name).is_some() {
                return fault("ResourceExistsException");
            }
            manager.put(&name, &text("SecretString"));
            let arn = format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}-AbCdEf");
            json!({ "ARN": arn, "Name": name }).to_string().into_response()
        }
        "secretsmanager.PutSecretValue" => {
            manager.put(&text("SecretId"), &text("SecretString"));
            json!({ "Name": text("SecretId") }).to_string().into_response()
        }
        other => panic!("{other} is not a call that gatecrumb makes"),
    }
}
