use gatecrumb_admin::Admin as _;
use gatecrumb_aws::Connection;
use gatecrumb_store::Store;
use tokio::net::TcpListener;

use super::{store, user, username};

#[tokio::test]
async fn a_refused_connection_is_unavailable_and_names_the_operation() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let store = Store::new(
        &Connection::local(&format!("http://{address}")).dynamodb(),
        "test",
    );
    let error = store.find_login(&username("ada")).await.unwrap_err().to_string();
    assert!(error.starts_with("GetItem of a sign-in name: "), "{error}");
}

#[tokio::test]
async fn a_missing_table_is_unavailable_and_the_error_contains_no_values() {
    let existing = store().await;
    let ada = user(&existing, "ada").await;
    let address = gatecrumb_local::DynamoDb::in_memory()
        .unwrap()
        .spawn()
        .await
        .unwrap();
    let store = Store::new(
        &Connection::local(&format!("http://{address}")).dynamodb(),
        "missing",
    );
    let error = store.account(&ada).await.unwrap_err().to_string();
    assert!(error.contains("ResourceNotFoundException"), "{error}");
    assert!(!error.contains(ada.as_str()), "{error}");
}
