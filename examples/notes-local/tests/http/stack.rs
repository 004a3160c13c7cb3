//! `gatecrumb serve` and the notes API beside it, with one clock, and a proxy in front of DynamoDB.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::http::{HeaderMap, Request, StatusCode};
use gatecrumb::{
    dynamodb,
    serve::{self, Server},
};
use gatecrumb_admin::{Admin as _, NewUser, Profile};
use gatecrumb_aws::Connection;
use gatecrumb_domain::{
    AccessClaims, Acr, AuthenticationMethods, Clock as _, PasswordVersion, Roles, SessionId, TokenId, UserId,
    Username,
};
use gatecrumb_passwords::{Cost, Hasher, Password};
use gatecrumb_runtime::{SystemRandomness, now};
use gatecrumb_store::Store;
use gatecrumb_testkit::{
    dynamodb_proxy::{DynamoDbProxy, Faults},
    fixtures::{self, PASSWORD},
    host::TestHost,
    http::Browser,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use notes_local::{Function, PublicKeys, Settings, router};
use serde_json::{Value, json, value::RawValue};

/// A page that may use the API.
pub(crate) const ORIGIN: &str = "http://localhost:3001";

pub(crate) struct Stack {
    pub(crate) notes: String,
    pub(crate) host: TestHost,
    pub(crate) faults: Faults,
    auth: String,
    store: Store,
    client: Client<HttpConnector, Full<axum::body::Bytes>>,
    _proxy: DynamoDbProxy,
    _serve: Server,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Response {
    /// The status, and the code if the body is a problem.
    pub(crate) fn outcome(&self) -> String {
        let status = self.status.as_u16();
        match self.body["code"].as_str() {
            Some(code) => {
                assert_eq!(self.headers["content-type"], "application/problem+json");
                assert_eq!(self.body["status"], status);
                format!("{status} {code}")
            }
            None => status.to_string(),
        }
    }
}

/// A function behind the authorizer that returns what the authorizer passed on.
fn echo() -> Function {
    Arc::new(|event| {
        Box::pin(async move {
            let context = event["requestContext"]["authorizer"]["lambda"].to_string();
            Some(json!({ "statusCode": 200, "body": context }))
        })
    })
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self::with_authorizer(false).await
    }

    /// With `strict`, the authorizer reads session and user.
    pub(crate) async fn with_authorizer(strict: bool) -> Self {
        let host = TestHost::at(now());
        let options = serve::Options {
            port: 0,
            dynamodb: dynamodb::Options {
                dynamodb_port: 0,
                dynamodb_host: [127, 0, 0, 1].into(),
                memory: true,
                fixtures: true,
                demo: false,
                state: None,
            },
        };
        let variable = |name: &str| match name {
            "COOKIE_INSECURE" => Some("true".to_owned()),
            "PASSWORD_MEMORY_KIB" => Some("7168".to_owned()),
            "PASSWORD_ITERATIONS" => Some("1".to_owned()),
            _ => None,
        };
        let settings = serve::Settings::new(variable).with_clock(Arc::new(host.clone()));
        let serve = Server::start(&options, settings).await.unwrap();
        let faults = Faults::default();
        let proxy = DynamoDbProxy::start(serve.dynamodb, faults.clone()).await;
        let settings = Settings {
            keys: PublicKeys {
                issuer: fixtures::ISSUER.to_owned(),
                verifying_keys: RawValue::from_string(fixtures::signing_keys().to_public_json()).unwrap(),
            },
            dynamodb: proxy.endpoint(),
            allowed_origins: ORIGIN.to_owned(),
            strict,
            clock: Arc::new(host.clone()),
        };
        let app = router(&settings, echo()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let notes = format!("http://{}", listener.local_addr().unwrap());
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            notes,
            host,
            faults,
            auth: format!("http://{}", serve.address),
            store: Store::new(
                &Connection::local(&format!("http://{}", serve.dynamodb)).dynamodb(),
                "gatecrumb",
            ),
            client: Client::builder(TokioExecutor::new()).build_http(),
            _proxy: proxy,
            _serve: serve,
        }
    }

    /// Creates the user and signs in.
    pub(crate) async fn signed_in(&self, name: &str, roles: &[&str]) -> Browser {
        let hasher = Hasher::start(Cost::new(7168, 1, 1).unwrap(), 1).await;
        let hash = hasher.hash(Password::presented(PASSWORD), [7; 16]).await.unwrap();
        let roles: Vec<_> = roles.iter().map(|role| role.parse().unwrap()).collect();
        let user = NewUser {
            id: UserId::random(&SystemRandomness).unwrap(),
            username: Username::parse(name).unwrap(),
            password_hash: hash.expose().to_owned().into(),
            password_version: PasswordVersion::random(&SystemRandomness).unwrap(),
            profile: Profile {
                email: None,
                name: None,
            },
            roles: roles.try_into().unwrap(),
        };
        self.store.create_user(&user, self.host.now()).await.unwrap();
        let mut browser = Browser::new(&self.auth);
        self.sign_in(&mut browser, name).await;
        browser
    }

    pub(crate) async fn sign_in(&self, browser: &mut Browser, name: &str) {
        let credentials = json!({ "username": name, "password": PASSWORD });
        let answer = browser.post_json("/auth/login", &credentials).await;
        assert_eq!(answer.outcome(), "200");
    }

    /// An access token of a user that no table has, for `Authorization`.
    pub(crate) fn bearer(&self, user: &str) -> String {
        let now = self.host.now();
        let claims = AccessClaims {
            sub: user.parse().unwrap(),
            sid: SessionId::random(&SystemRandomness).unwrap(),
            iat: now,
            exp: now + Duration::from_secs(900),
            jti: TokenId::random(&SystemRandomness).unwrap(),
            roles: Roles::default(),
            auth_time: now,
            amr: AuthenticationMethods::password(),
            acr: Acr::Aal1,
        };
        format!("Bearer {}", fixtures::signer().access(&claims).unwrap().expose())
    }

    /// Sends a request with these headers.
    pub(crate) async fn send(
        &self,
        route: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Response {
        let (method, path) = route.split_once(' ').unwrap();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.notes));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body.into())).unwrap();
        let (parts, body) = self.client.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    /// Sends a request of a page that may use the API, with the browser's cookies.
    pub(crate) async fn call(&self, browser: &Browser, route: &str) -> Response {
        let headers = [("cookie", cookies(browser)), ("origin", ORIGIN.to_owned())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.send(route, &headers, "").await
    }

    /// Adds a note.
    pub(crate) async fn add(&self, browser: &Browser, text: &str) -> Response {
        let body = json!({ "text": text }).to_string();
        let cookies = cookies(browser);
        let headers = [
            ("cookie", cookies.as_str()),
            ("origin", ORIGIN),
            ("content-type", "application/json"),
        ];
        self.send("POST /notes", &headers, body).await
    }

    /// The contents of the notes, the newest first.
    pub(crate) async fn contents(&self, browser: &Browser) -> Vec<String> {
        let answer = self.call(browser, "GET /notes").await;
        assert_eq!(answer.outcome(), "200");
        let notes = answer.body["notes"].as_array().unwrap().iter();
        notes
            .map(|note| note["text"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The value of the `Cookie` header.
pub(crate) fn cookies(browser: &Browser) -> String {
    let pairs = browser.jar.iter();
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}
