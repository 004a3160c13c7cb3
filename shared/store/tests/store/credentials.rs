use aws_sdk_dynamodb::types::AttributeValue;
use gatecrumb_admin::Admin as _;

use super::{NOW, hash, store, store_and_client, user};

/// The number of items in the partitions of passwords.
pub(crate) async fn password_items(client: &aws_sdk_dynamodb::Client) -> usize {
    let all = client.scan().table_name("test").send().await.unwrap();
    let keys = all.items().iter().map(|item| item["pk"].as_s().unwrap());
    keys.filter(|pk| pk.starts_with("PASSWORD#")).count()
}

#[tokio::test]
async fn only_the_passwords_partition_contains_the_hash() {
    let (store, client) = store_and_client().await;
    let ada = user(&store, "ada").await;
    let new = super::new_password(hash("new hash"));
    store.change_user(&ada, &new, NOW).await.unwrap();
    store
        .rehash(&ada, &hash("new hash"), &hash("newer hash"))
        .await
        .unwrap();
    let all = client.scan().table_name("test").send().await.unwrap();
    for item in all.items() {
        let pk = item["pk"].as_s().unwrap();
        let contains_hash = item
            .values()
            .any(|value| matches!(value, AttributeValue::S(string) if string.contains("hash")));
        assert_eq!(contains_hash, *pk == format!("PASSWORD#{ada}"), "{pk}");
    }
}

#[tokio::test]
async fn a_user_without_a_password_and_a_password_without_a_user_have_no_credentials() {
    for half in ["PASSWORD", "USER"] {
        let (store, client) = store_and_client().await;
        let ada = user(&store, "ada").await;
        assert!(store.credentials(&ada).await.unwrap().is_some());
        let pk = AttributeValue::S(format!("{half}#{ada}"));
        let delete = client.delete_item().table_name("test").key("pk", pk);
        delete
            .key("sk", AttributeValue::S(half.to_owned()))
            .send()
            .await
            .unwrap();
        assert!(store.credentials(&ada).await.unwrap().is_none(), "without {half}");
    }
}

#[tokio::test]
async fn a_rehash_neither_undoes_a_new_password_nor_ends_sessions() {
    let store = store().await;
    let ada = user(&store, "ada").await;
    let stored = async || {
        let found = store.credentials(&ada).await.unwrap().unwrap();
        (found.password_hash, found.user.session_epoch)
    };
    store.rehash(&ada, &hash("phc"), &hash("rehashed")).await.unwrap();
    assert_eq!(stored().await, (hash("rehashed"), 0));
    let new = super::new_password(hash("new password"));
    store.change_user(&ada, &new, NOW).await.unwrap();
    let again = hash("old password, rehashed again");
    store.rehash(&ada, &hash("rehashed"), &again).await.unwrap();
    assert_eq!(stored().await, (hash("new password"), 1));
}
