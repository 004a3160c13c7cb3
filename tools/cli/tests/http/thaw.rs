//! After a thaw every connection to DynamoDB may be dead: one try finds out, and the next one is on a new connection.

use std::sync::Arc;

use gatecrumb_runtime::{Config, Environment, Host};
use gatecrumb_testkit::{
    dynamodb_proxy::{Call, DynamoDbProxy},
    events, fixtures, function, logs,
};
use gatecrumb_web::{Handler, HttpService};

/// More than a function has, so that three tries would all find dead ones.
const IDLE_CONNECTIONS: usize = 16;

async fn proxied() -> (DynamoDbProxy, Environment) {
    logs::capture();
    let (address, _) = fixtures::dynamodb().await;
    let proxy = DynamoDbProxy::start(address, Call::pass).await;
    let env = function::environment(&proxy.endpoint(), &[]);
    (proxy, env)
}

/// A host whose pool of connections is wide.
async fn host(env: &Environment) -> Host {
    let config = Config::read(env).unwrap();
    config.connection.warm_up(IDLE_CONNECTIONS).await;
    Host {
        http: Some(config.connection.http),
        ..Host::lambda()
    }
}

/// `calls` is what the function calls at first, beside one another: each finds one dead connection, and none a second.
async fn survives<H: Handler>(proxy: &DynamoDbProxy, function: HttpService<H>, name: &str, calls: usize) {
    let function = Arc::new(function);
    let before = proxy.accepted();
    assert!(before >= IDLE_CONNECTIONS, "{name}: {before} connections");
    proxy.freeze();
    let answer = function::invoke(&function, &events::named(&format!("{name}/success"))).await;
    assert!(
        answer["statusCode"] == 200 || answer["statusCode"] == 204,
        "{name}: {answer}"
    );
    let tried = proxy.tried();
    assert!((1..=calls).contains(&tried), "{name}: {tried} dead ones");
    assert!(proxy.accepted() > before, "{name}: no new one");
}

#[tokio::test]
async fn one_try_finds_the_connections_dead_and_the_next_is_on_a_new_one() {
    let (proxy, env) = proxied().await;
    let host = host(&env).await;
    let me = me::start(env, host).await.unwrap();
    survives(&proxy, me, "me", 1).await;
    assert_eq!(proxy.tried(), 1);
    assert_eq!(proxy.accepted(), IDLE_CONNECTIONS + 1);
}

#[tokio::test]
async fn calls_beside_one_another_wait_once() {
    let (proxy, env) = proxied().await;
    let wide = host(&env).await;
    let login = login::start(env, wide).await.unwrap();
    survives(&proxy, login, "login", 3).await;

    let (proxy, env) = proxied().await;
    let wide = host(&env).await;
    let refresh = refresh::start(env, wide).await.unwrap();
    survives(&proxy, refresh, "refresh", 2).await;

    let (proxy, env) = proxied().await;
    let wide = host(&env).await;
    let logout = logout::start(env, wide).await.unwrap();
    survives(&proxy, logout, "logout", 1).await;
}
