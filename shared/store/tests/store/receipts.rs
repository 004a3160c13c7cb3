//! Well-formed responses that lack what DynamoDB always sends.

use std::net::SocketAddr;

use gatecrumb_admin::Admin as _;
use gatecrumb_aws::Connection;
use gatecrumb_domain::{SessionId, UserId};
use gatecrumb_store::Store;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{IDLE, NOW, POLICY, token};

const CAPACITY: &str = r#""ConsumedCapacity":{"TableName":"test","CapacityUnits":1}"#;
const CAPACITIES: &str = r#""ConsumedCapacity":[{"TableName":"test","CapacityUnits":1}]"#;

/// Responds to every request with this body.
async fn responding(body: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let length = body.len();
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // The request is one segment on loopback, and its contents do not matter.
            let _ = stream.read(&mut [0; 8192]).await;
            let _ = stream.write_all(response.as_bytes()).await;
        }
    });
    address
}

async fn store(body: String) -> Store {
    let address = responding(body).await;
    Store::new(
        &Connection::local(&format!("http://{address}")).dynamodb(),
        "test",
    )
}

#[tokio::test]
async fn an_item_is_absent_only_if_the_response_has_the_capacity() {
    let user = UserId::random(&super::Counter).unwrap();
    let absent = store(format!("{{{CAPACITY}}}")).await;
    assert!(absent.user(&user).await.unwrap().is_none());
    for body in [
        "{}",
        r#"{"Item":null}"#,
        &format!(r#"{{"Item":null,{CAPACITY}}}"#),
    ] {
        store(body.to_owned()).await.user(&user).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_batch_without_its_table_or_unprocessed_keys_is_an_error() {
    let (user, session) = (
        UserId::random(&super::Counter).unwrap(),
        SessionId::random(&super::Counter).unwrap(),
    );
    let absent = format!(r#"{{"Responses":{{"test":[]}},"UnprocessedKeys":{{}},{CAPACITIES}}}"#);
    let absent = store(absent).await.user_and_session(&user, &session).await;
    assert!(matches!(absent, Ok((None, None))), "{absent:?}");
    for members in [
        "",
        r#""Responses":{"test":[]},"#,
        r#""UnprocessedKeys":{},"#,
        r#""Responses":{},"UnprocessedKeys":{},"#,
        r#""Responses":{"another":[]},"UnprocessedKeys":{},"#,
        r#""Responses":{"test":null},"UnprocessedKeys":{},"#,
        r#""Responses":{"test":[null]},"UnprocessedKeys":{},"#,
        r#""Responses":null,"UnprocessedKeys":{},"#,
        r#""Responses":{"test":[]},"UnprocessedKeys":null,"#,
    ] {
        let store = store(format!("{{{members}{CAPACITIES}}}")).await;
        let found = store.user_and_session(&user, &session).await;
        assert!(found.is_err(), "{members}: {found:?}");
    }
}

#[tokio::test]
async fn a_rotation_that_returns_no_row_is_an_error() {
    let (user, session) = (
        UserId::random(&super::Counter).unwrap(),
        SessionId::random(&super::Counter).unwrap(),
    );
    let token = token(&user, &session, "first", "root");
    for members in ["", r#""Attributes":null,"#, r#""Attributes":{},"#] {
        let store = store(format!("{{{members}{CAPACITY}}}")).await;
        let advance = store.advance_session(&token, &POLICY, IDLE, NOW).await;
        assert!(advance.is_err(), "{members}: {advance:?}");
    }
}

#[tokio::test]
async fn a_query_with_a_wrong_count_is_an_error() {
    let user = UserId::random(&super::Counter).unwrap();
    for (members, good) in [
        (r#""Items":[],"Count":0,"#, true),
        (r#""Items":[],"Count":1,"#, false),
        (r#""Count":0,"#, false),
        ("", false),
    ] {
        let store = store(format!("{{{members}{CAPACITY}}}")).await;
        assert_eq!(store.sessions(&user).await.is_ok(), good, "{members}");
    }
}
