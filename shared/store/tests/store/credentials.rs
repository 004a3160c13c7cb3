use aws_sdk_dynamodb::types::AttributeValue;
use gatecrumb_admin::Admin as _;

use super::{NOW, hash, store, store_and_client, user};

/// How many items the partitions of passwords hold.
pub(crate) async fn password_items(client: &aws_sdk_dynamodb::Client) -> usize {
    let all = client.scan().table_name("test").send().await.unwrap();
    let keys = all.items().iter().map(|item| item["pk"].as_s().unwrap());
    keys.filter(|pk| pk.starts_with("PASSWORD#")).count()
}

#[tokio::test]
async fn the_hash_is_in_a_partition_of_its_own_and_nowhere_else() {
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
        let holds = item
            .values()
            .any(|value| matches!(value, AttributeValue::S(text) if text.contains("hash")));
        assert_eq!(holds, *pk == format!("PASSWORD#{ada}"), "{pk}");
    }
}

#[tokio::test]
async fn a_user_without_a_password_or_a_password_without_a_user_is_nobody() {
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
async fn a_rehash_never_undoes_a_new_password_and_ends_no_session() {
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
